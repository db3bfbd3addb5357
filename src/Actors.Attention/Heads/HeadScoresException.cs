namespace Actors.Attention;

/// <summary>The file with head scores is missing, damaged, or of another model.</summary>
/// <param name="message">Cause and what to do; names no directory, because users of a server may see it.</param>
/// <param name="inner">What was found first.</param>
public sealed class HeadScoresException(string message, Exception? inner = null) : Exception(message, inner);
