using System.Text;

namespace Actors.Server.Evaluation;

/// <summary>A text with sentences planted between its lines.</summary>
/// <param name="Text">Every line ends with a line end.</param>
/// <param name="Planted">Where each sentence stands, in the order in which they were given.</param>
internal sealed record PlantedText(string Text, IReadOnlyList<TextRange> Planted)
{
    private const double LeastFill = 0.9;

    /// <summary>Plants sentences in as many lines of a haystack as fit.</summary>
    /// <param name="task">Name for messages.</param>
    /// <param name="head">What stands before the lines.</param>
    /// <param name="haystack">Where the lines come from.</param>
    /// <param name="first">Line of the haystack to begin with.</param>
    /// <param name="sentences">What to plant, and at which share of the lines.</param>
    /// <param name="tokens">Most tokens of the text.</param>
    /// <param name="countTokens">Length of a text in tokens.</param>
    /// <exception cref="EvaluationException">The sentences alone are too long, or the haystack is too short.</exception>
    public static PlantedText Fit(
        string task, string head, Haystack haystack, int first, IReadOnlyList<(double At, string Sentence)> sentences, int tokens, Func<string, int> countTokens)
    {
        PlantedText Build(int count) => Plant(head, [.. haystack.Lines(first, count)], sentences);
        int lines = LengthFit.Largest(tokens, haystack.MostLines, count => countTokens(Build(count).Text), task);
        PlantedText text = Build(lines);
        int used = lines == haystack.MostLines ? countTokens(text.Text) : tokens;
        return used >= tokens * LeastFill ? text : throw Haystack.TooShort(used, tokens);
    }

    /// <summary>Plants sentences on lines of their own.</summary>
    /// <param name="head">What stands before the lines.</param>
    /// <param name="lines">The lines.</param>
    /// <param name="sentences">What to plant, and at which share of the lines, 0 to 1. Those at one place keep their order.</param>
    public static PlantedText Plant(string head, IReadOnlyList<string> lines, IReadOnlyList<(double At, string Sentence)> sentences)
    {
        var text = new StringBuilder(head);
        var planted = new TextRange[sentences.Count];
        int[] order = [.. Enumerable.Range(0, sentences.Count).OrderBy(i => sentences[i].At)];
        int next = 0;
        for (int line = 0; line <= lines.Count; line++)
        {
            for (; next < order.Length && Place(sentences[order[next]].At, lines.Count) <= line; next++)
            {
                planted[order[next]] = new TextRange(text.Length, text.Length + sentences[order[next]].Sentence.Length);
                text.Append(sentences[order[next]].Sentence).Append('\n');
            }
            if (line < lines.Count) text.Append(lines[line]).Append('\n');
        }
        return new PlantedText(text.ToString(), planted);
    }

    /// <summary>Where in the text a sentence begins, 0 to 1.</summary>
    public double DepthOf(int sentence) => Planted[sentence].Start / (double)Text.Length;

    private static int Place(double at, int lines) => Math.Min(lines, (int)(at * (lines + 1)));
}
