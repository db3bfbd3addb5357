using Actors.KvCache;
using Actors.Models;
using Microsoft.Extensions.Logging;

namespace Actors.Engine;

/// <summary>
/// The life of running turns. One thread at a time calls <see cref="StepOnce"/>; between two calls every sequence is consistent: its
/// committed tokens are those whose keys and values are complete.
/// </summary>
internal sealed partial class StepLoop(
    LoadedModel model,
    EngineOptions options,
    TurnQueue queue,
    StepMailbox mailbox,
    RoomWatch room,
    EngineInstruments instruments,
    TimeProvider time,
    ILogger logger)
{
    private const int MostLostPages = 16;

    private readonly List<Turn> _running = [];
    private readonly List<Turn> _cancelled = [];
    private readonly StepPlan _plan = new();
    private readonly Scheduler _scheduler = new(options);
    private readonly StepRunner _runner = new(model, options.MaxStepTokens, instruments.Clock);

    /// <summary>Lets go of cancelled turns, admits waiting ones, and computes one step if any turn can go on.</summary>
    /// <returns>False when there is nothing to do until a turn arrives, a reader catches up, or memory becomes free.</returns>
    public bool StepOnce()
    {
        bool acted = mailbox.RunAll() | ReleaseCancelled();
        while (queue.TryStart(out Turn? turn))
            Begin(turn!);
        room.BeforePlan();
        _scheduler.Build(_plan, _running);
        foreach ((Turn turn, Exception reason) in _scheduler.Refused)
            Fail(turn, reason);
        Turn? stuck = room.AfterPlan(_scheduler.WithoutRoom);
        if (stuck is not null)
            Fail(stuck, new KvCapacityException(
                $"No room for keys and values became free within {options.RoomTimeout.TotalSeconds:0} s: other sequences hold the KV budget of " +
                $"{options.KvBudgetBytes} bytes. Send the turn again later, close idle sequences, or raise the budget."));
        if (_plan.SegmentCount == 0)
            return acted || stuck is not null || _scheduler.Refused.Count > 0;
        long started = time.GetTimestamp();
        try
        {
            _runner.Run(_plan);
        }
        catch (Exception exception)
        {
            LogStepFailed(logger, exception, _plan.SegmentCount);
            for (int i = 0; i < _plan.SegmentCount; i++)
                _plan[i].Failure ??= exception;
        }
        instruments.CountStep(time.GetElapsedTime(started), _plan.DecodeRows);
        for (int i = 0; i < _plan.SegmentCount; i++)
            Deliver(_plan[i]);
        _plan.Clear();
        return true;
    }

    /// <summary>Ends every turn with <paramref name="reason"/> and takes no more.</summary>
    public void Stop(Exception reason)
    {
        foreach (Turn turn in queue.Close(reason))
            turn.Release(reason);
        // Nothing here may fail again: the clock and the books are what may be broken.
        foreach (Turn turn in _running)
        {
            queue.Leave();
            turn.Release(reason);
        }
        _running.Clear();
    }

    private bool ReleaseCancelled()
    {
        int before = _running.Count;
        queue.RemoveCancelled(_cancelled);
        foreach (Turn turn in _cancelled)
        {
            instruments.CountTurn("cancelled");
            turn.Release(new OperationCanceledException());
        }
        bool any = _cancelled.Count > 0;
        _cancelled.Clear();
        for (int i = _running.Count - 1; i >= 0; i--)
        {
            if (_running[i].CancelRequested)
                End(_running[i], new OperationCanceledException(), "cancelled");
        }
        return any || _running.Count < before;
    }

    private void Begin(Turn turn)
    {
        _running.Add(turn);
        TurnProgress progress = turn.Progress;
        progress.StartedAt = time.GetTimestamp();
        try
        {
            turn.Sequence.Prepare(turn.Request.NeedsLogits, mayShare: turn.Request.Logits != LogitRows.All);
            turn.Output?.Begin(turn.Sequence.StepTokens, turn.Request.AnswerSoFar);
        }
        catch (Exception exception)
        {
            Fail(turn, exception);
            return;
        }
        progress.ContextTokens = turn.Sequence.TokenCount;
        progress.CachedTokens = turn.Sequence.ComputedTokens;
        instruments.CountCached(progress.CachedTokens);
        if (progress.CachedTokens == progress.ContextTokens)
            Finish(turn, FinishReason.Ingested, "", null, null);
    }

    private void Deliver(Segment segment)
    {
        Turn turn = segment.Turn;
        TurnProgress progress = turn.Progress;
        if (segment.Failure is PageCorruptException { PageIndex: { } page } damage && progress.LostPages < MostLostPages)
        {
            progress.LostPages++;
            LogPageLost(logger, damage, page);
            turn.Sequence.Forget(page * KvLayout.PageTokens);
            return;
        }
        if (segment.Failure is not null)
        {
            Fail(turn, segment.Failure);
            return;
        }
        if (turn.Sequence.Attention.Fidelity?.Last is { } sample)
            instruments.CountFidelity(turn.Sequence.PolicyName, sample);
        if (!segment.Decodes)
        {
            progress.RecomputedTokens += segment.RecomputedRows;
            progress.ComputedTokens += segment.Rows - segment.RecomputedRows;
            instruments.CountPrefill(segment.Rows - segment.RecomputedRows, segment.RecomputedRows);
            if (!progress.Decoding)
                turn.Emit(new EngineEvent.Progress(turn.Sequence.ComputedTokens, progress.ContextTokens, progress.CachedTokens));
        }
        if (segment.Samples)
            Accept(turn, segment.Sampled);
        else if (segment.Last)
            Finish(turn, FinishReason.Ingested, "", null, null);
    }

    private void Accept(Turn turn, in SampledToken sampled)
    {
        TurnProgress progress = turn.Progress;
        if (!progress.Decoding)
            (progress.Decoding, progress.DecodingAt) = (true, time.GetTimestamp());
        TurnOutput output = turn.Output!;
        if (output.IsEnd(sampled.Token))
        {
            Finish(turn, FinishReason.Stop, output.Flush(), null, sampled.Token);
            return;
        }
        progress.GeneratedTokens++;
        turn.Sequence.Append(sampled.Token);
        string text = output.Append(sampled.Token);
        turn.Emit(new EngineEvent.Token(sampled.Token, text, sampled.LogProbability, sampled.Top) { Receipt = turn.Trace?.Read(turn.Request.ReceiptTokens) });
        if (output.MatchedStop is { } stop)
            Finish(turn, FinishReason.Stop, "", stop, null);
        else if (progress.GeneratedTokens == turn.Request.MaxNewTokens)
            Finish(turn, FinishReason.Length, output.Flush(), null, null);
    }

    private void Finish(Turn turn, FinishReason reason, string text, string? matchedStop, int? stopToken)
    {
        EngineUsage usage = turn.Progress.ToUsage(turn.Request.Input.Length, time);
        turn.Emit(new EngineEvent.Finished(reason, text, usage, matchedStop, stopToken));
        End(turn, null, "finished");
    }

    private void Fail(Turn turn, Exception cause)
    {
        LogTurnFailed(logger, cause, turn.Sequence.ComputedTokens);
        turn.Sequence.ReturnRoom();
        Exception error = cause switch
        {
            KvCapacityException => cause,
            KvBudgetExceededException => new KvCapacityException(cause.Message),
            _ => new EngineFaultException(
                $"The turn failed: {cause.Message} The sequence keeps {turn.Sequence.ComputedTokens} computed tokens and can go on.", cause),
        };
        End(turn, error, "failed");
    }

    private void End(Turn turn, Exception? error, string outcome)
    {
        _running.Remove(turn);
        queue.Finish(time.GetElapsedTime(turn.Progress.StartedAt));
        instruments.CountTurn(outcome);
        turn.Release(error);
    }
}
