namespace Actors.Server.Evaluation;

/// <summary>A context and the questions about it.</summary>
/// <param name="Context">The text to remember.</param>
/// <param name="Questions">Each is asked about the context alone, not about the answers before it.</param>
internal sealed record EvaluationSample(string Context, IReadOnlyList<EvaluationQuestion> Questions);
