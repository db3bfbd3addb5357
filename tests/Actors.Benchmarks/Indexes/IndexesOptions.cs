using System.Globalization;

namespace Actors.Benchmarks.Indexes;

/// <summary>What `indexes` is asked for.</summary>
internal sealed record IndexesOptions(string Checkpoint, string Text, int Keys, IReadOnlyList<int>? Layers, int Top, int Rounds, string? Output)
{
    public const string Usage =
        "indexes --checkpoint DIR --text FILE [--keys 131072] [--layers 0,2,5] [--top 100] [--rounds 3] [--output DIR]\n"
        + "Reads the text with the model, takes its real keys and queries, and compares the key indexes. With --output it writes key-indexes.md, .json and .svg there.";

    public static IndexesOptions Parse(ReadOnlySpan<string> args)
    {
        Dictionary<string, string> values = [];
        for (int i = 0; i < args.Length; i += 2)
        {
            if (args[i] is not ("--checkpoint" or "--text" or "--keys" or "--layers" or "--top" or "--rounds" or "--output") || i + 1 == args.Length)
                throw new ArgumentException($"'{args[i]}' is no option with a value.\n{Usage}", nameof(args));
            values[args[i]] = args[i + 1];
        }
        if (!values.TryGetValue("--checkpoint", out string? checkpoint) || !values.TryGetValue("--text", out string? text))
            throw new ArgumentException(Usage, nameof(args));
        return new(checkpoint, text, Number("--keys", 131072), values.TryGetValue("--layers", out string? layers) ? [.. layers.Split(',').Select(layer => int.Parse(layer, CultureInfo.InvariantCulture))] : null,
            Number("--top", 100), Number("--rounds", 3), values.GetValueOrDefault("--output"));

        int Number(string name, int otherwise) => values.TryGetValue(name, out string? value) ? int.Parse(value, CultureInfo.InvariantCulture) : otherwise;
    }
}
