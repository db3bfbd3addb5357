namespace Actors.Engine;

/// <summary>
/// A turn ended because something failed inside the engine. The inner exception is the cause. The sequence keeps every token whose keys and
/// values were complete and can go on, unless the engine itself stopped.
/// </summary>
/// <param name="message">What failed.</param>
/// <param name="inner">The cause.</param>
public sealed class EngineFaultException(string message, Exception? inner) : Exception(message, inner);
