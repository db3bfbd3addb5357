namespace Actors.Server.Cli;

/// <summary>What an ingest did, as --json shows it.</summary>
/// <param name="Session">Name of the session.</param>
/// <param name="Source">The file, or - for standard input.</param>
/// <param name="Bytes">Bytes that this call added.</param>
/// <param name="SkippedBytes">Bytes that an earlier call had added.</param>
/// <param name="Tokens">Tokens that this call added.</param>
/// <param name="SessionTokens">Tokens of the session afterwards.</param>
/// <param name="Seconds">From the first piece to the last.</param>
/// <param name="TokensPerSecond">Of the whole call.</param>
/// <param name="TokensPerSecondByTenth">Of each tenth; empty for a short text.</param>
internal sealed record IngestResult(
    string Session, string Source, long Bytes, long SkippedBytes, long Tokens, long SessionTokens, double Seconds, double TokensPerSecond,
    IReadOnlyList<double> TokensPerSecondByTenth);
