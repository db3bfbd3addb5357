using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Actors.Models;

/// <summary>
/// SHA-256 over what decides a model's keys and values: the configuration, the name, type, shape and order of every tensor, and 256 bytes
/// from the beginning, middle and end of each. It reads a few pages per tensor instead of the whole file.
/// </summary>
internal static unsafe class CheckpointFingerprint
{
    private const int SampleBytes = 256;

    public static string Compute(ModelConfig config, SafeTensors tensors)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, string.Create(CultureInfo.InvariantCulture,
            $"actors-model-1|{config.Family}|{config.Shape}|{config.RmsNormEpsilon:R}|{config.TiedHead}|{config.QkvBias}|{config.OutputBias}|{config.QkNorm}|{config.RopeTheta:R}|{config.RopeScaling}"));
        foreach (var entry in tensors.Entries.OrderBy(entry => entry.Name, StringComparer.Ordinal))
        {
            Append(hash, $"{entry.Name}|{entry.Dtype}|{string.Join(',', entry.Shape)}");
            byte* data = entry.File.Pointer + entry.Begin;
            long bytes = entry.End - entry.Begin, last = Math.Max(0, bytes - SampleBytes);
            int sample = (int)Math.Min(SampleBytes, bytes);
            foreach (long offset in (ReadOnlySpan<long>)[0, last / 2, last])
                hash.AppendData(new ReadOnlySpan<byte>(data + offset, sample));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void Append(IncrementalHash hash, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        hash.AppendData(length);
        hash.AppendData(bytes);
    }
}
