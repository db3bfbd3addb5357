using System.Numerics.Tensors;
using Actors.KvCache;

namespace Actors.Attention;

/// <summary>Reads long chunks by the blocks of keys and of distances that keep a share of the sampled queries' attention.</summary>
internal sealed class SampleReader(SamplePolicy policy, SampleOptions options, SequenceContext sequence) : PlannedReader(policy, sequence)
{
    private const int BlockTokens = 128, BlockGroups = BlockTokens / KvLayout.GroupTokens;
    private readonly Blocks[] _blocks = [.. Enumerable.Range(0, sequence.Shape.KvHeads).Select(_ => new Blocks())];

    protected override void Look(ChunkPlan plan, AttentionScratch scratch, int layer, int head)
    {
        for (int segment = First; segment <= Last; segment += options.SegmentTokens)
        {
            int end = Math.Min(segment + options.SegmentTokens, Last + 1);
            Add(plan, scratch, layer, head, Math.Max(segment, end - options.Queries), end);
        }
        plan.SumBands(Last);
        AttentionView view = Policy.View(Last);
        int sinks = view.SinkTokens / KvLayout.GroupTokens, groups = view.WindowStart / KvLayout.GroupTokens, count = (groups + BlockGroups - 1) / BlockGroups;
        Blocks blocks = _blocks[head];
        blocks.Reserve((Last / BlockTokens) + 1);
        for (int i = 0; i < count; i++)
            blocks.Masses[i] = TensorPrimitives.Sum(plan.Columns.Slice(i * BlockTokens, BlockTokens));
        foreach (int block in blocks.Keep(count, plan.Rows, options.Alpha))
            plan.TakeGroups(Math.Max(block * BlockGroups, sinks), Math.Min((block + 1) * BlockGroups, groups));
        int bands = (Last / KvLayout.GroupTokens) + 1;
        count = (bands + BlockGroups - 1) / BlockGroups;
        for (int i = 0; i < count; i++)
            blocks.Masses[i] = TensorPrimitives.Sum(plan.Bands[(i * BlockGroups)..Math.Min((i + 1) * BlockGroups, bands)]);
        foreach (int block in blocks.Keep(count, plan.Rows, options.SlashAlpha ?? options.Alpha))
        {
            for (int band = block * BlockGroups; band < Math.Min((block + 1) * BlockGroups, bands); band++)
                plan.TakeBand(band);
        }
    }

    /// <summary>Masses of the blocks of one head, and the fewest of them that keep a share.</summary>
    private sealed class Blocks
    {
        private int[] _order = [];

        public float[] Masses { get; private set; } = [];

        public void Reserve(int count)
        {
            if (_order.Length < count)
                (_order, Masses) = (new int[count * 2], new float[count * 2]);
        }

        /// <summary>What the sampled rows attend to outside of these blocks is read anyway and is kept.</summary>
        public ReadOnlySpan<int> Keep(int count, int rows, float alpha)
        {
            double missing = (alpha * rows) - (rows - (double)TensorPrimitives.Sum(Masses.AsSpan(0, count)));
            for (int i = 0; i < count; i++)
                (_order[i], Masses[i]) = (i, -Masses[i]);
            Array.Sort(Masses, _order, 0, count);
            int kept = 0;
            for (; kept < count && (missing > 0 || alpha >= 1); kept++)
                missing += Masses[kept];
            return _order.AsSpan(0, kept);
        }
    }
}
