using Actors.KvCache;

namespace Actors.Attention;

/// <summary>Reads long chunks by verticals and slashes.</summary>
internal sealed class MinferenceReader(MinferencePolicy policy, MinferenceOptions options, SequenceContext sequence) : PlannedReader(policy, sequence)
{
    protected override void Look(ChunkPlan plan, AttentionScratch scratch, int layer, int head)
    {
        Add(plan, scratch, layer, head, Last + 1 - options.Queries, Last + 1);
        plan.SumBands(Last);
        AttentionView view = Policy.View(Last);
        plan.TakeBands(options.Memory.WindowTokens / KvLayout.GroupTokens, (Last / KvLayout.GroupTokens) + 1, options.SlashesOf(Last + 1) / KvLayout.GroupTokens);
        plan.TakeKeys(
            Take(scratch, layer, head, Last, 1), view.SinkTokens, view.WindowStart, options.ColumnsOf(Last + 1), FirstView(SinkPlacement.True), FirstView(SinkPlacement.Constant));
    }

    // A view of the chunk that places its memory so: a chunk may outgrow the trained window in its middle.
    private AttentionView? FirstView(SinkPlacement placement)
    {
        for (int position = First; position <= Last; position += AttentionPolicies.QueryBlockTokens)
        {
            AttentionView view = Policy.View(position);
            if (view.Distant && view.Sinks == placement)
                return view;
        }
        AttentionView last = Policy.View(Last);
        return last.Sinks == placement ? last : null;
    }
}
