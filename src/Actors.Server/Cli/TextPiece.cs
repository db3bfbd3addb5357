namespace Actors.Server.Cli;

/// <summary>Part of a text.</summary>
/// <param name="Text">The characters.</param>
/// <param name="Offset">Where it begins in the stream, in bytes.</param>
/// <param name="Bytes">How many bytes it takes there.</param>
internal readonly record struct TextPiece(string Text, long Offset, int Bytes);
