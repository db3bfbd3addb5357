namespace Actors.Grains;

/// <summary>What stands at the end of a history, and with it what may come next.</summary>
internal enum HistoryEnd
{
    /// <summary>Nothing yet.</summary>
    Nothing,

    /// <summary>Input that has no answer.</summary>
    Input,

    /// <summary>The tokens that open an answer, of which no token has come yet.</summary>
    AnswerPrefix,

    /// <summary>An answer that was cut off: by its longest length, a cancellation or a kill.</summary>
    CutAnswer,

    /// <summary>An answer that the model itself ended.</summary>
    WholeAnswer,
}
