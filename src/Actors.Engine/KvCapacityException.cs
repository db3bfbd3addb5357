namespace Actors.Engine;

/// <summary>A sequence needs more key/value memory than the engine's budget can ever give it. The sequence keeps what was computed.</summary>
/// <param name="message">What was needed, the budget, and what to do.</param>
public sealed class KvCapacityException(string message) : Exception(message);
