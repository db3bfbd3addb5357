namespace Actors.Server.Evaluation;

/// <summary>Speed of a session from end to end: journal, engine, pages on disk.</summary>
/// <param name="Tokens">Tokens that were ingested.</param>
/// <param name="IngestTokensPerSecond">With every piece durable and every page stored.</param>
/// <param name="AnswerSeconds">From a short question to the end of its answer, in a session that is in memory.</param>
/// <param name="FirstTokenSeconds">From the question to the first token.</param>
/// <param name="ReopenSeconds">From opening the data folder in a fresh silo to the end of the next answer.</param>
internal sealed record SessionBenchResult(long Tokens, double IngestTokensPerSecond, double AnswerSeconds, double? FirstTokenSeconds, double ReopenSeconds);
