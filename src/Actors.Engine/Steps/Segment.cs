using Actors.Models;

namespace Actors.Engine;

/// <summary>The rows of one turn inside a step: tokens [FirstToken, FirstToken + Rows) of its sequence. Reused from step to step.</summary>
internal sealed class Segment
{
    public Turn Turn { get; private set; } = null!;

    public int FirstToken { get; private set; }

    public int FirstRow { get; private set; }

    public int Rows { get; private set; }

    /// <summary>True for the one row of a decoding turn, false for a prefill chunk.</summary>
    public bool Decodes { get; private set; }

    /// <summary>Rows that were computed before, at some time, and whose keys and values were lost since.</summary>
    public int RecomputedRows { get; private set; }

    /// <summary>True when no known token of the turn is left after these rows.</summary>
    public bool Last { get; private set; }

    /// <summary>Rows at the end of the segment whose logits are needed.</summary>
    public int LogitRows { get; private set; }

    /// <summary>True when the last row decides the turn's next token.</summary>
    public bool Samples { get; private set; }

    /// <summary>The token chosen after the last row, when <see cref="Samples"/> and nothing failed.</summary>
    public SampledToken Sampled { get; set; }

    /// <summary>The first thing that failed for this segment; the others of the step go on.</summary>
    public Exception? Failure { get; set; }

    public void Set(Turn turn, int firstToken, int firstRow, int rows, bool last)
    {
        (Turn, FirstToken, FirstRow, Rows, Last, Failure) = (turn, firstToken, firstRow, rows, last, null);
        Decodes = turn.Progress.Decoding && rows == 1;
        RecomputedRows = Math.Clamp(turn.Sequence.KnownTokens - firstToken, 0, rows);
        Samples = last && turn.Output is not null;
        LogitRows = turn.Request.Logits switch
        {
            Engine.LogitRows.All when !turn.Progress.Decoding => rows,
            Engine.LogitRows.Last when !turn.Progress.Decoding && last => 1,
            _ => Samples ? 1 : 0,
        };
    }

    /// <summary>True when the caller asked to see the logits of a row that was input.</summary>
    public bool ReportsLogits(int row) => !Turn.Progress.Decoding && Turn.Request.Logits switch
    {
        Engine.LogitRows.All => true,
        Engine.LogitRows.Last => FirstToken + row == Turn.Progress.ContextTokens - 1,
        _ => false,
    };

    /// <summary>Forgets the turn, so that a finished one can be collected.</summary>
    public void Clear() => Turn = null!;
}
