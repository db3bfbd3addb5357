using Actors.Attention.Tests.Heads;

namespace Actors.Attention.Tests.Policies;

public sealed class KeptAllocationTests
{
    public static TheoryData<string> Names => ["l2norm", "razor", "duo", "snapkv", "pyramid"];

    [Theory, MemberData(nameof(Names))]
    public void Execute_DecodingInsideABlock_AllocatesNoMoreThanStreaming(string name)
    {
        RandomSequence sequence = new(640, seed: 61, new(2, 6, 2, 32));
        Assert.Equal(Allocated(sequence, new StreamingPolicy(new() { WindowTokens = 64 })), Allocated(sequence, Policy(name)));
    }

    private static IAttentionPolicy Policy(string name)
    {
        HeadScores scores = HeadScoresFileTests.Scores(seed: 9, new(2, 6, 2, 32));
        MemoryOptions memory = new() { SinkTokens = 16, WindowTokens = 64 };
        return name switch
        {
            "l2norm" => new L2NormPolicy(new() { Memory = memory, WholeLayers = 1 }),
            "razor" => new RazorPolicy(new() { Memory = memory }, scores),
            "duo" => new DuoPolicy(new() { Memory = memory }, scores),
            _ => new SnapKvPolicy(new() { Memory = memory, Tokens = 100, Taper = name == "pyramid" ? 20 : null }),
        };
    }

    // Bytes of 24 steps of one token, from the middle of a query block to its end, of one thread.
    private static long Allocated(RandomSequence sequence, IAttentionPolicy policy)
    {
        long bytes = 0;
        sequence.Run(policy, [590, 1], afterCommit: (_, tokens) => bytes += tokens == 615 ? -GC.GetAllocatedBytesForCurrentThread() : tokens == 639 ? GC.GetAllocatedBytesForCurrentThread() : 0);
        return bytes;
    }
}
