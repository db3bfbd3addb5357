using System.Globalization;

namespace Actors.Attention;

/// <summary>
/// Ranges of layers in which every layer weighs its own values by the attention weights of the first one: its queries and keys decide. Immutable and safe for concurrent use.
/// </summary>
/// <remarks>Source: arXiv:2407.12866 (Shared Attention), applied to weights that were not trained for it. Keys of the other layers are still stored, because a session may change its policy.</remarks>
public sealed record LayerSharing
{
    private LayerSharing(string fingerprint, IReadOnlyList<(int First, int Last)> ranges) => (Fingerprint, Ranges) = (fingerprint, ranges);

    /// <summary>No layer shares.</summary>
    public static LayerSharing None { get; } = new("", []);

    internal string Fingerprint { get; }

    private IReadOnlyList<(int First, int Last)> Ranges { get; }

    /// <summary>Reads ranges.</summary>
    /// <param name="text">First and last layer of each range, from 0: <c>2-4</c> or <c>1-2,4-5</c>.</param>
    /// <returns>The ranges.</returns>
    /// <exception cref="ArgumentException">A range is malformed, is a single layer, or overlaps another; the message lists all that is wrong.</exception>
    public static LayerSharing Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        (LayerSharing sharing, List<string> failures) = Read(text);
        return failures.Count == 0 ? sharing : throw new ArgumentException(string.Join(' ', failures), nameof(text));
    }

    /// <inheritdoc/>
    public bool Equals(LayerSharing? other) => other is not null && Fingerprint == other.Fingerprint;

    /// <inheritdoc/>
    public override int GetHashCode() => Fingerprint.GetHashCode(StringComparison.Ordinal);

    internal static LayerSharing From(PolicyArguments arguments)
    {
        if (arguments.Text("share") is not { } text)
            return None;
        (LayerSharing sharing, List<string> failures) = Read(text);
        if (arguments.Environment.Shape is { } shape && failures.Count == 0)
            failures.AddRange(sharing.OutOfRange(shape.Layers));
        foreach (string failure in failures)
            arguments.Fail(failure);
        return failures.Count == 0 ? sharing : None;
    }

    internal int[] KeyLayers(int layers)
    {
        foreach (string failure in OutOfRange(layers))
            throw new ArgumentException(failure, nameof(layers));
        int[] keyLayers = [.. Enumerable.Range(0, layers)];
        foreach ((int first, int last) in Ranges)
            keyLayers.AsSpan(first, last - first + 1).Fill(first);
        return keyLayers;
    }

    private static (LayerSharing Sharing, List<string> Failures) Read(string text)
    {
        List<(int First, int Last)> ranges = [];
        List<string> failures = [];
        foreach (string part in text.Split(','))
        {
            string[] ends = part.Split('-');
            if (ends.Length == 2 && Layer(ends[0]) is { } first && Layer(ends[1]) is { } last && first < last)
                ranges.Add((first, last));
            else
                failures.Add($"share has '{part}'; write the first and the last layer of two or more that share, for instance 2-4.");
        }
        ranges.Sort();
        for (int i = 1; i < ranges.Count; i++)
        {
            if (ranges[i].First <= ranges[i - 1].Last)
                failures.Add($"share has {Write(ranges[i - 1])} and {Write(ranges[i])}, which overlap; a layer can take its weights from one other only.");
        }
        return (new("share=" + string.Join(',', ranges.Select(Write)), ranges), failures);
    }

    private static int? Layer(string text)
        => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int layer) ? layer : null;

    private static string Write((int First, int Last) range) => string.Create(CultureInfo.InvariantCulture, $"{range.First}-{range.Last}");

    private IEnumerable<string> OutOfRange(int layers)
        => Ranges.Where(range => range.Last >= layers).Select(range => $"share has {Write(range)}, but the model's layers are 0 to {layers - 1}.");
}
