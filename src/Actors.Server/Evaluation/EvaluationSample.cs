namespace Actors.Server.Evaluation;

/// <summary>A context and the questions about it.</summary>
/// <param name="Context">The text to remember.</param>
/// <param name="IsMessage">
/// True when context and question are one message of the user, as in the published tasks; false when the context is a document that is remembered
/// first and asked about later.
/// </param>
/// <param name="Questions">Each is asked about the context alone, not about the answers before it.</param>
internal sealed record EvaluationSample(string Context, bool IsMessage, IReadOnlyList<EvaluationQuestion> Questions);
