namespace Actors.Server.Evaluation;

/// <summary>Text in which needles are hidden, in lines that may be taken apart between each other. Immutable.</summary>
internal sealed class Haystack
{
    /// <summary>The sentences that the passkey test and its followers repeat.</summary>
    public const string NoiseUnit = "The grass is green. The sky is blue. The sun is yellow. Here we go. There and back again.";

    private const int MaxLineCharacters = 400, MostNoiseLines = 10_000_000;

    private readonly IReadOnlyList<string> _lines;
    private readonly bool _repeats;

    private Haystack(IReadOnlyList<string> lines, bool repeats)
    {
        _lines = lines;
        _repeats = repeats;
    }

    /// <summary>The same five sentences on every line.</summary>
    public static Haystack Noise { get; } = new([NoiseUnit], repeats: true);

    /// <summary>Lines that can be had from any place on; those of a text go on at its beginning after its end.</summary>
    public int MostLines => _repeats ? MostNoiseLines : _lines.Count;

    /// <summary>Takes a text apart at line ends, and long lines at sentence ends.</summary>
    /// <param name="text">Prose; must not be empty.</param>
    /// <exception cref="EvaluationException">The text is empty.</exception>
    public static Haystack FromText(string text)
    {
        string[] lines = [.. text.Split('\n').SelectMany(Split).Where(line => !string.IsNullOrWhiteSpace(line))];
        return lines.Length > 0 ? new Haystack(lines, repeats: false) : throw new EvaluationException("The text for --text is empty. Name a file with prose.");
    }

    /// <summary>A random line to begin with.</summary>
    public int DrawFirst(SeededRandom random) => random.Next(_lines.Count);

    /// <summary>Consecutive lines.</summary>
    /// <param name="first">The line to begin with.</param>
    /// <param name="count">Lines, 0 to <see cref="MostLines"/>.</param>
    public IEnumerable<string> Lines(int first, int count)
    {
        for (int i = 0; i < count; i++) yield return _lines[(first + i) % _lines.Count];
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
            if (i >= _lines.Count && !_repeats) throw TooShort(used, tokens);
            string line = _lines[(first + i) % _lines.Count];
            int length = countTokens(line) + 1;
            if (used + length > tokens && taken.Count > 0) break;
            taken.Add(line);
            used += length;
        }
        return taken;
    }

    /// <summary>What to say when all lines together are not enough.</summary>
    public static EvaluationException TooShort(int used, int tokens) =>
        new($"The text has {used} tokens, but {tokens} are needed. Give a longer text or a shorter --length.");

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
