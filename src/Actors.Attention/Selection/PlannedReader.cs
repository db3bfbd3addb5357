namespace Actors.Attention;

/// <summary>Base of prefill policies that look at some queries of a chunk, with all keys, and from what those attend to make a plan for the whole chunk.</summary>
/// <param name="policy">The policy.</param>
/// <param name="sequence">The sequence.</param>
internal abstract class PlannedReader(IAttentionPolicy policy, SequenceContext sequence) : ChunkReader(policy, sequence)
{
    // Scores that are held at a time while looking; more rows would leave the caches.
    private const int HeldScores = 1 << 20;
    private readonly ChunkPlan[] _plans = [.. Enumerable.Range(0, sequence.Shape.KvHeads).Select(_ => new ChunkPlan())];

    public override long Bytes => base.Bytes + _plans.Sum(plan => plan.Bytes);

    public override void Dispose()
    {
        base.Dispose();
        foreach (ChunkPlan plan in _plans)
            plan.Release();
    }

    protected sealed override void Look(AttentionScratch scratch, int layer, int head)
    {
        ChunkPlan plan = _plans[head];
        plan.Reset(Last + 1);
        Look(plan, scratch, layer, head);
    }

    /// <summary>Looks with <see cref="Add"/> and makes the plan.</summary>
    /// <param name="plan">Empty.</param>
    /// <param name="scratch">The worker's.</param>
    /// <param name="layer">Layer.</param>
    /// <param name="head">KV head.</param>
    protected abstract void Look(ChunkPlan plan, AttentionScratch scratch, int layer, int head);

    protected sealed override void ReadMemory(in QueryBlock block, AttentionView view) => _plans[block.Head].Read(block, view);

    /// <summary>Looks at what the rows of some positions attend to; those that see no memory have nothing to say.</summary>
    protected void Add(ChunkPlan plan, AttentionScratch scratch, int layer, int head, int first, int end)
    {
        for (int position = Math.Max(first, First); position < end;)
        {
            AttentionView view = Policy.View(position);
            int block = position - (position % AttentionPolicies.QueryBlockTokens) + AttentionPolicies.QueryBlockTokens;
            int held = Math.Max(1, HeldScores / (Math.Max(view.WindowStart, 1) * Sequence.Shape.GroupSize));
            int next = Math.Min(end, Math.Min(block, position + held));
            if (view.Distant)
                plan.Add(Take(scratch, layer, head, position, next - position), view, Last);
            position = next;
        }
    }
}
