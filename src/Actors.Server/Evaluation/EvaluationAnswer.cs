namespace Actors.Server.Evaluation;

/// <summary>One question and what came back.</summary>
/// <param name="Sample">Number of the sample.</param>
/// <param name="Kind">What kind of memory it tests.</param>
/// <param name="Depth">Where the answer stands in the context, 0 to 1.</param>
/// <param name="Planted">Tokens of the context that told it.</param>
/// <param name="Told">What the context said.</param>
/// <param name="Question">What was asked.</param>
/// <param name="Expected">What a right answer holds.</param>
/// <param name="Answer">What the model said.</param>
/// <param name="Score">Share of what was expected that the answer holds, 0 to 1.</param>
internal sealed record EvaluationAnswer(
    int Sample, string Kind, double Depth, IReadOnlyList<TextRange> Planted, string Told, string Question, IReadOnlyList<string> Expected, string Answer, double Score)
{
    /// <summary>Whether a page of what was planted ranks first in the answer's receipt; null without one, or where nothing was planted.</summary>
    public bool? ReceiptFirst { get; init; }
}
