using System.Text.RegularExpressions;

namespace Actors.Server.Evaluation;

/// <summary>One thing to ask about a context, and how an answer is judged.</summary>
/// <param name="Text">What is asked.</param>
/// <param name="AnswerPrefix">Words put into the model's mouth; may be empty.</param>
/// <param name="Expected">What a right answer holds, 1 text or more.</param>
/// <param name="Match">How each of them is looked for.</param>
/// <param name="MaxNewTokens">Longest answer, in tokens.</param>
/// <param name="Kind">What kind of memory it tests, for the report.</param>
internal sealed partial record EvaluationQuestion(string Text, string AnswerPrefix, IReadOnlyList<string> Expected, AnswerMatch Match, int MaxNewTokens, string Kind)
{
    /// <summary>Where the answer stands in the context, 0 for the beginning and 1 for the end; with several places, the mean.</summary>
    public double Depth { get; init; }

    /// <summary>The sentences that told it, one on each line; empty where the whole context does.</summary>
    public string Told { get; init; } = "";

    /// <summary>Where each of these sentences stands in the context. None where the whole context tells the answer.</summary>
    public IReadOnlyList<TextRange> Planted { get; init; } = [];

    /// <summary>Share of the expected texts that an answer holds, 0 to 1.</summary>
    public double Score(string answer) => Expected.Count(expected => Holds(answer, expected)) / (double)Expected.Count;

    private bool Holds(string answer, string expected) => Match switch
    {
        AnswerMatch.FirstInteger => Integer().Match(answer).Value == expected,
        AnswerMatch.ContainsIgnoringCase => answer.Contains(expected, StringComparison.OrdinalIgnoreCase),
        _ => answer.Contains(expected, StringComparison.Ordinal),
    };

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Integer();
}

/// <summary>Characters of a text, or tokens of a context.</summary>
/// <param name="Start">The first one.</param>
/// <param name="End">One after the last.</param>
internal readonly record struct TextRange(int Start, int End);
