namespace Actors.Server.Evaluation;

/// <summary>A test cannot be made as it was asked for.</summary>
/// <param name="message">Cause, value and what to do.</param>
internal sealed class EvaluationException(string message) : Exception(message);
