namespace Actors.Server.Evaluation;

/// <summary>One question and what came back.</summary>
/// <param name="Sample">Number of the sample.</param>
/// <param name="Kind">What kind of memory it tests.</param>
/// <param name="Depth">Where the answer stands in the context, 0 to 1.</param>
/// <param name="Told">What the context said.</param>
/// <param name="Question">What was asked; empty when the context ends with the question.</param>
/// <param name="Expected">What a right answer holds.</param>
/// <param name="Answer">What the model said.</param>
/// <param name="Right">The judgement.</param>
internal sealed record EvaluationAnswer(int Sample, string Kind, double Depth, string Told, string Question, string Expected, string Answer, bool Right);
