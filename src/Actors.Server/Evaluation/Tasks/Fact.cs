namespace Actors.Server.Evaluation;

/// <summary>Something told once and asked for later.</summary>
/// <param name="Key">What it is about; no two facts of a context share it.</param>
/// <param name="Value">What an answer has to hold.</param>
/// <param name="Told">The sentence that tells it.</param>
/// <param name="Question">The sentence that asks for it.</param>
/// <param name="Kind">What kind of value it is.</param>
internal sealed record Fact(string Key, string Value, string Told, string Question, string Kind);
