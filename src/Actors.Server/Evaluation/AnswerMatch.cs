namespace Actors.Server.Evaluation;

/// <summary>How a right answer is recognised.</summary>
internal enum AnswerMatch
{
    /// <summary>The answer holds the expected text as it is.</summary>
    Contains,

    /// <summary>The answer holds the expected text in any case.</summary>
    ContainsIgnoringCase,

    /// <summary>The first run of digits in the answer is the expected one.</summary>
    FirstInteger,
}
