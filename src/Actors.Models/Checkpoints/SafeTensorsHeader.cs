using System.Buffers.Binary;
using System.Text.Json;
using Actors.Kernels;

namespace Actors.Models;

/// <summary>Reads and checks the header of one safetensors file: 8 bytes of length, a JSON object, then the data.</summary>
internal static unsafe class SafeTensorsHeader
{
    private const int PrefixBytes = 8;
    private const long MaxHeaderBytes = 100_000_000;
    private const int MaxRank = 8;

    /// <summary>Length in bytes of prefix and header together.</summary>
    public static int Measure(MappedFile file)
    {
        if (file.Length < PrefixBytes) throw Damaged(file, $"has {file.Length} bytes, too few for a safetensors header");
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(new ReadOnlySpan<byte>(file.Pointer, PrefixBytes));
        if (length < 2 || length > MaxHeaderBytes || (long)length > file.Length - PrefixBytes)
            throw Damaged(file, $"states a header of {length:N0} bytes in a file of {file.Length:N0} (at most {MaxHeaderBytes:N0} are allowed)");
        return PrefixBytes + (int)length;
    }

    /// <summary>Adds every tensor of a file; tensors of other element types get a null type.</summary>
    public static void Read(MappedFile file, Dictionary<string, SafeTensorsEntry> entries)
    {
        int start = Measure(file);
        try
        {
            var bytes = new ReadOnlySpan<byte>(file.Pointer + PrefixBytes, start - PrefixBytes).ToArray();
            using var document = JsonDocument.Parse(bytes);
            if (document.RootElement.ValueKind != JsonValueKind.Object) throw Damaged(file, "has a header that is not a JSON object");
            var ranges = new List<(long Begin, long End, string Name)>();
            foreach (var property in document.RootElement.EnumerateObject())
            {
                if (property.Name == "__metadata__") continue;
                var entry = ReadEntry(file, start, property);
                if (!entries.TryAdd(property.Name, entry))
                    throw Damaged(file, $"holds tensor '{property.Name}' a second time (first in {entries[property.Name].File.Path})");
                ranges.Add((entry.Begin, entry.End, property.Name));
            }

            CheckOverlap(file, ranges);
        }
        catch (JsonException e)
        {
            throw Damaged(file, $"has a header that is not valid JSON ({e.Message})", e);
        }
        catch (InvalidOperationException e)
        {
            // A property name or string that is not valid UTF-16 text.
            throw Damaged(file, $"has a header with text that cannot be read ({e.Message})", e);
        }
    }

    private static SafeTensorsEntry ReadEntry(MappedFile file, int start, JsonProperty property)
    {
        string name = property.Name;
        var value = property.Value;
        if (value.ValueKind != JsonValueKind.Object
            || !value.TryGetProperty("dtype", out var dtype) || dtype.ValueKind != JsonValueKind.String
            || !value.TryGetProperty("shape", out var dims) || dims.ValueKind != JsonValueKind.Array || dims.GetArrayLength() > MaxRank
            || !value.TryGetProperty("data_offsets", out var offsets) || offsets.ValueKind != JsonValueKind.Array || offsets.GetArrayLength() != 2)
            throw Damaged(file, $"describes tensor '{name}' without dtype, shape (at most {MaxRank} dimensions) and two data_offsets");
        int bits = ElementBits(dtype.GetString()!);
        if (bits == 0) throw Damaged(file, $"has tensor '{name}' of unknown dtype '{dtype.GetString()}'");
        var shape = new int[dims.GetArrayLength()];
        Int128 elements = 1;
        for (int i = 0; i < shape.Length; i++)
        {
            if (dims[i].ValueKind != JsonValueKind.Number || !dims[i].TryGetInt32(out shape[i]) || shape[i] < 0)
                throw Damaged(file, $"has tensor '{name}' with dimension {dims[i].GetRawText()}");
            elements = Int128.Min(elements * shape[i], long.MaxValue);
        }

        if (offsets[0].ValueKind != JsonValueKind.Number || offsets[1].ValueKind != JsonValueKind.Number
            || !offsets[0].TryGetInt64(out long begin) || !offsets[1].TryGetInt64(out long end)
            || begin < 0 || end < begin || end > file.Length - start)
            throw Damaged(file, $"has tensor '{name}' at data_offsets {offsets.GetRawText()}, outside of its {file.Length - start:N0} bytes of data");
        if (elements * bits != (Int128)(end - begin) * 8)
            throw Damaged(file, $"has tensor '{name}' of {dtype.GetString()} [{string.Join(", ", shape)}] in {end - begin:N0} bytes, expected {elements * bits / 8:N0}");
        return new SafeTensorsEntry(file, name, dtype.GetString()!, Supported(dtype.GetString()!), shape, start + begin, start + end);
    }

    private static void CheckOverlap(MappedFile file, List<(long Begin, long End, string Name)> ranges)
    {
        ranges.RemoveAll(range => range.Begin == range.End);
        ranges.Sort();
        for (int i = 1; i < ranges.Count; i++)
        {
            if (ranges[i].Begin < ranges[i - 1].End)
                throw Damaged(file, $"has overlapping tensors '{ranges[i - 1].Name}' and '{ranges[i].Name}'");
        }
    }

    private static WeightType? Supported(string dtype) => dtype switch
    {
        "BF16" => WeightType.BFloat16,
        "F16" => WeightType.Float16,
        "F32" => WeightType.Float32,
        _ => null,
    };

    private static int ElementBits(string dtype) => dtype switch
    {
        "F64" or "I64" or "U64" or "C64" => 64,
        "F32" or "I32" or "U32" => 32,
        "F16" or "BF16" or "I16" or "U16" => 16,
        "I8" or "U8" or "BOOL" or "F8_E4M3" or "F8_E5M2" or "F8_E8M0" => 8,
        "F4" => 4,
        _ => 0,
    };

    private static CheckpointException Damaged(MappedFile file, string problem, Exception? inner = null) =>
        new(file.Path, $"{problem}. The file is damaged, cut short or of another format: fetch it again.", inner);
}
