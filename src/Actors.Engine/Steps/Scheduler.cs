using Actors.Attention;
using Actors.KvCache;

namespace Actors.Engine;

/// <summary>
/// Decides what a step computes. Every running turn that decodes gets its one row first; prefill shares what is left in whole pages, each
/// turn an equal part, starting with another turn each step. A chunk ends at a multiple of a page's tokens counted from the start of the
/// sequence, so that where chunks are cut does not depend on who else is running.
/// </summary>
internal sealed class Scheduler(EngineOptions options)
{
    private readonly List<Turn> _prefills = [];
    private int _rotation;

    /// <summary>Turns that could go on but found no room for their keys and values in this step.</summary>
    public List<Turn> WithoutRoom { get; } = [];

    /// <summary>Turns that can never get the room they need, or whose reservation failed otherwise.</summary>
    public List<(Turn Turn, Exception Reason)> Refused { get; } = [];

    /// <summary>Fills <paramref name="plan"/>; an empty plan means that no turn can go on now.</summary>
    public void Build(StepPlan plan, List<Turn> running)
    {
        plan.Clear();
        WithoutRoom.Clear();
        Refused.Clear();
        _prefills.Clear();
        foreach (Turn turn in running)
        {
            if (!turn.ReaderHasRoom)
                continue;
            // More than the sampled token waits when pages were lost: then the turn prefills again before it goes on.
            if (!turn.Progress.Decoding || turn.Sequence.TokenCount - turn.Sequence.ComputedTokens > 1)
                _prefills.Add(turn);
            else if (TryReserve(turn, 1, last: true))
                plan.Add(turn, turn.Sequence.ComputedTokens, rows: 1, last: true);
        }
        AddPrefills(plan);
        _rotation++;
    }

    /// <summary>Rows of the chunk that starts at <paramref name="firstToken"/>: to the end, or to the last page boundary within the limit.</summary>
    /// <remarks>
    /// A strict chunk is whole pages, or the part that completes a page, or at most one query block of a page that stays open. Where a
    /// policy chooses keys for several rows together the result depends on which rows came together, so only whole pages may be grouped in
    /// one way or another; and rows of an open page are always computed one by one, as decoding does, because a restart computes them again.
    /// </remarks>
    /// <param name="firstToken">First token to compute.</param>
    /// <param name="endToken">End of the tokens that are known.</param>
    /// <param name="limit">Most rows.</param>
    /// <param name="strict">Whether rows of a chunk influence each other.</param>
    /// <returns>Rows; 0 when the limit does not reach the next cut.</returns>
    internal static int ChunkRows(int firstToken, int endToken, int limit, bool strict)
    {
        int rows = endToken - firstToken;
        if (strict)
        {
            int toBoundary = KvLayout.PageTokens - firstToken % KvLayout.PageTokens;
            if (toBoundary == KvLayout.PageTokens && rows >= toBoundary)
                return Math.Min(rows, limit) / KvLayout.PageTokens * KvLayout.PageTokens;
            rows = rows >= toBoundary ? toBoundary : Math.Min(rows, AttentionPolicies.QueryBlockTokens);
            return rows <= limit ? rows : 0;
        }
        if (rows <= limit)
            return rows;
        int boundary = (firstToken + limit) / KvLayout.PageTokens * KvLayout.PageTokens;
        return Math.Max(0, boundary - firstToken);
    }

    private void AddPrefills(StepPlan plan)
    {
        int budget = options.MaxStepTokens - plan.Rows;
        if (plan.DecodeRows > 0)
            budget = Math.Min(budget, options.MixedPrefillTokens);
        for (int i = 0; i < _prefills.Count; i++)
        {
            Turn turn = _prefills[(i + _rotation) % _prefills.Count];
            int first = turn.Sequence.ComputedTokens;
            int end = turn.Sequence.TokenCount;
            int share = Math.Min(budget, Math.Max(KvLayout.PageTokens, budget / (_prefills.Count - i)));
            bool strict = turn.Sequence.Policy.View(end - 1).Distant;
            int rows = ChunkRows(first, end, share, strict);
            int smaller = Math.Min(rows, ChunkRows(first, end, KvLayout.PageTokens, strict));
            if (rows == 0)
                continue;
            if (!TryReserve(turn, rows, last: rows == smaller))
            {
                if (rows == smaller || !TryReserve(turn, smaller, last: true))
                    continue;
                rows = smaller;
            }
            plan.Add(turn, first, rows, last: first + rows == end);
            budget -= rows;
        }
    }

    /// <param name="turn">The turn that needs room.</param>
    /// <param name="rows">Tokens to make room for.</param>
    /// <param name="last">False when fewer tokens will be tried next, so that a failure is not yet one.</param>
    private bool TryReserve(Turn turn, int rows, bool last)
    {
        try
        {
            if (turn.Sequence.Table.TryReserve(rows))
            {
                turn.Progress.WithoutRoomSince = null;
                return true;
            }
            if (last)
                WithoutRoom.Add(turn);
        }
        catch (Exception exception)
        {
            if (last)
                Refused.Add((turn, exception));
        }
        return false;
    }
}
