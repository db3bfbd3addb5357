namespace Actors.Engine;

/// <summary>A model directory cannot be used.</summary>
/// <param name="message">The directory, what is wrong with it, and what to do.</param>
/// <param name="inner">The cause, if there is one.</param>
public sealed class ModelLoadException(string message, Exception? inner = null) : Exception(message, inner);
