using System.Buffers.Binary;
using System.Text.Json;
using Actors.Kernels;

namespace Actors.Models.Tests;

/// <summary>A copy of a bf16 checkpoint in the temporary folder with its weights stored in another type; deleted on disposal.</summary>
internal sealed class RetypedCheckpoint : IDisposable
{
    private readonly string _directory = Path.Combine(Path.GetTempPath(), $"actors-retyped-{Guid.NewGuid():N}");

    public RetypedCheckpoint(string source, WeightType type)
    {
        Directory.CreateDirectory(_directory);
        File.Copy(Path.Combine(source, "config.json"), Path.Combine(_directory, "config.json"));
        byte[] stored = File.ReadAllBytes(Path.Combine(source, "model.safetensors"));
        int headerBytes = (int)BinaryPrimitives.ReadInt64LittleEndian(stored), elementBytes = WeightMatrix.BytesOf(type);
        using var header = JsonDocument.Parse(stored.AsMemory(8, headerBytes));
        var entries = new Dictionary<string, object>();
        foreach (JsonProperty tensor in header.RootElement.EnumerateObject().Where(tensor => tensor.Name != "__metadata__"))
        {
            Assert.Equal("BF16", tensor.Value.GetProperty("dtype").GetString());
            long[] offsets = [.. tensor.Value.GetProperty("data_offsets").EnumerateArray().Select(offset => offset.GetInt64() / 2 * elementBytes)];
            int[] shape = [.. tensor.Value.GetProperty("shape").EnumerateArray().Select(dimension => dimension.GetInt32())];
            entries[tensor.Name] = new { dtype = type == WeightType.Float16 ? "F16" : "F32", shape, data_offsets = offsets };
        }

        byte[] json = JsonSerializer.SerializeToUtf8Bytes(entries);
        ReadOnlySpan<byte> data = stored.AsSpan(8 + headerBytes);
        byte[] result = new byte[8 + json.Length + data.Length / 2 * elementBytes];
        BinaryPrimitives.WriteInt64LittleEndian(result, json.Length);
        json.CopyTo(result, 8);
        Span<byte> target = result.AsSpan(8 + json.Length);
        for (int i = 0; i < data.Length / 2; i++)
        {
            float value = BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(data[(2 * i)..]) << 16);
            if (type == WeightType.Float16) BinaryPrimitives.WriteHalfLittleEndian(target[(2 * i)..], (Half)value);
            else BinaryPrimitives.WriteSingleLittleEndian(target[(4 * i)..], value);
        }

        File.WriteAllBytes(Path.Combine(_directory, "model.safetensors"), result);
        Checkpoint = Checkpoint.Open(_directory);
    }

    public Checkpoint Checkpoint { get; }

    public void Dispose()
    {
        Checkpoint.Dispose();
        Directory.Delete(_directory, recursive: true);
    }
}
