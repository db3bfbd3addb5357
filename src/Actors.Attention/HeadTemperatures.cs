using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;

namespace Actors.Attention;

/// <summary>A factor on the scores of each query head of one model, from the file <see cref="FileName"/> in the model directory. Immutable.</summary>
/// <remarks>Source: arXiv:2404.12224, which searches such factors so that a model without positions reads longer contexts than it was trained on.</remarks>
public sealed class HeadTemperatures
{
    /// <summary>Name of the file.</summary>
    public const string FileName = "temperatures.json";

    private const int MaxBytes = 4 << 20;

    /// <summary>Keeps the values.</summary>
    /// <param name="values">[layers, queryHeads], each 0.1 to 10.</param>
    /// <exception cref="ArgumentException">A value is out of range.</exception>
    public HeadTemperatures(IReadOnlyList<float> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        foreach (float value in values)
        {
            if (!(value >= 0.1f && value <= 10))
                throw new ArgumentException(FormattableString.Invariant($"The temperature {value} of a head is out of range; each must be 0.1 to 10."), nameof(values));
        }
        Values = [.. values];
        Fingerprint = "temperatures=" + Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes<float>(Values.ToArray())))[..16];
    }

    /// <summary>[layers, queryHeads].</summary>
    public IReadOnlyList<float> Values { get; }

    internal string Fingerprint { get; }

    /// <summary>Reads the file of a model: <c>{ "model": fingerprint of the weights, "temperatures": [[one number per query head], one list per layer] }</c>.</summary>
    /// <param name="environment">The model.</param>
    /// <exception cref="ArgumentException">Nothing is known of the model, there is no such file, or it was made for another model or does not have a number for each head.</exception>
    public static HeadTemperatures Read(PolicyEnvironment environment)
    {
        ArgumentNullException.ThrowIfNull(environment);
        if (environment.ModelDirectory is not { } directory || environment.Shape is not { } shape)
            throw new ArgumentException($"temperature=heads needs a model directory with the file {FileName}; none is known here. Give one number for all heads.", nameof(environment));
        string path = Path.Combine(directory, FileName);
        try
        {
            if (new FileInfo(path) is { Exists: true, Length: > MaxBytes } file)
                throw Unusable(path, $"it has {file.Length} bytes; at most {MaxBytes} are allowed");
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            string model = document.RootElement.GetProperty("model").GetString() ?? "";
            if (model != environment.ModelFingerprint)
                throw Unusable(path, $"it was made for the model '{model}', and this is '{environment.ModelFingerprint}'");
            float[][] layers = [.. document.RootElement.GetProperty("temperatures").EnumerateArray().Select(layer => layer.EnumerateArray().Select(value => value.GetSingle()).ToArray())];
            if (layers.Length != shape.Layers || layers.Any(layer => layer.Length != shape.QueryHeads))
                throw Unusable(path, $"it has {layers.Length} layers of {string.Join(", ", layers.Select(layer => layer.Length).Distinct())} heads; the model has {shape.Layers} of {shape.QueryHeads}");
            return new([.. layers.SelectMany(layer => layer)]);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw Unusable(path, exception is FileNotFoundException or DirectoryNotFoundException ? "there is no such file" : exception is IOException or UnauthorizedAccessException ? "it cannot be read" : exception.Message);
        }
    }

    private static ArgumentException Unusable(string path, string reason) => new($"The head temperatures '{Path.GetFileName(path)}' of the model cannot be used: {reason}.");
}
