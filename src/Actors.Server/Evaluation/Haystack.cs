namespace Actors.Server.Evaluation;

/// <summary>Text in which needles are hidden, in lines that may be taken apart between each other. Immutable.</summary>
internal sealed class Haystack
{
    /// <summary>The sentences that the passkey test and its followers repeat.</summary>
    public const string NoiseUnit = "The grass is green. The sky is blue. The sun is yellow. Here we go. There and back again.";

    private const int MaxLineCharacters = 400;

    private readonly IReadOnlyList<string> _lines;
    private readonly bool _repeats;

    private Haystack(IReadOnlyList<string> lines, bool repeats)
    {
        _lines = lines;
        _repeats = repeats;
    }

    /// <summary>The same five sentences on every line.</summary>
    public static Haystack Noise { get; } = new([NoiseUnit], repeats: true);

    /// <summary>Takes a text apart at line ends, and long lines at sentence ends.</summary>
    /// <param name="text">Prose; must not be empty.</param>
    /// <exception cref="EvaluationException">The text is empty.</exception>
    public static Haystack FromText(string text)
    {
        string[] lines = [.. text.Split('\n').SelectMany(Split).Where(line => !string.IsNullOrWhiteSpace(line))];
        return lines.Length > 0 ? new Haystack(lines, repeats: false) : throw new EvaluationException("The text for --text is empty. Name a file with prose.");
    }

    /// <summary>Consecutive lines from a random place.</summary>
    /// <param name="random">Where chance comes from.</param>
    /// <param name="tokens">About how many tokens; at most that many, unless one line alone has more.</param>
    /// <param name="countTokens">Length of a text in tokens.</param>
    /// <exception cref="EvaluationException">The text is too short.</exception>
    public IReadOnlyList<string> Take(SeededRandom random, int tokens, Func<string, int> countTokens)
    {
        List<string> taken = [];
        int first = random.Next(_lines.Count), used = 0;
        for (int i = 0; used < tokens; i++)
        {
            if (i >= _lines.Count && !_repeats)
                throw new EvaluationException($"The text has {used} tokens, but {tokens} are needed. Give a longer text or a shorter --length.");
            string line = _lines[(first + i) % _lines.Count];
            int length = countTokens(line) + 1;
            if (used + length > tokens && taken.Count > 0) break;
            taken.Add(line);
            used += length;
        }
        return taken;
    }

    private static IEnumerable<string> Split(string line)
    {
        while (line.Length > MaxLineCharacters)
        {
            int end = line.LastIndexOf(". ", MaxLineCharacters, StringComparison.Ordinal);
            if (end < MaxLineCharacters / 4) end = line.LastIndexOf(' ', MaxLineCharacters) - 1;
            if (end < 0) end = MaxLineCharacters - 1;
            yield return line[..(end + 1)];
            line = line[(end + 1)..].TrimStart();
        }
        yield return line;
    }
}
