using System.Text.RegularExpressions;

namespace Actors.Server.Evaluation;

/// <summary>One thing to ask about a context, and how an answer is judged.</summary>
/// <param name="Text">What is asked; empty when the context ends with the question.</param>
/// <param name="AnswerPrefix">Words put into the model's mouth; may be empty.</param>
/// <param name="Expected">What a right answer holds.</param>
/// <param name="Match">How it is looked for.</param>
/// <param name="MaxNewTokens">Longest answer, in tokens.</param>
/// <param name="Kind">What kind of memory it tests, for the report.</param>
internal sealed partial record EvaluationQuestion(string Text, string AnswerPrefix, string Expected, AnswerMatch Match, int MaxNewTokens, string Kind)
{
    /// <summary>Where the answer stands in the context, 0 for the beginning and 1 for the end.</summary>
    public double Depth { get; init; }

    /// <summary>The sentence that told it, where there is one.</summary>
    public string Told { get; init; } = "";

    public bool IsRight(string answer) => Match switch
    {
        AnswerMatch.FirstInteger => Integer().Match(answer).Value == Expected,
        AnswerMatch.ContainsIgnoringCase => answer.Contains(Expected, StringComparison.OrdinalIgnoreCase),
        _ => answer.Contains(Expected, StringComparison.Ordinal),
    };

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Integer();
}
