using Actors.KvCache;

namespace Actors.Attention.Tests;

public sealed class RepresentativesTests
{
    [Fact]
    public void Write_ChoosesTheFourKeysThatDrewMost()
    {
        KvLayout layout = new(1, 1, 4, KvFormat.Float32);
        using PagePool pool = new(layout, 64 * layout.PageBytes);
        using PageTable table = new(pool, new("model", "policy", "tenant"));
        Assert.True(table.TryReserve(64));
        float[] keys = [.. Enumerable.Range(0, 64).SelectMany(t => new float[] { t, -t, 1, t * t })];
        table.Write(0, 0, 64, keys, keys);
        ReceivedAttention received = new();
        received.Reserve(64);
        foreach ((int token, float share) in ((int, float)[])[(3, 5), (10, 4), (11, 9), (60, 3), (2, 0.5f), (10, 0.25f)])
            received.Add(token, share);
        byte[] bounds = new byte[2 * 4 * 4];
        Representatives.Write(layout, table.Page(0), 0, 0, 0, received, bounds);
        float[] mean = [(3 + 10 + 11 + 60) / 4f, -(3 + 10 + 11 + 60) / 4f, 1, (9 + 100 + 121 + 3600) / 4f];
        for (int i = 0; i < 8; i++)
            Assert.Equal(mean[i % 4], BitConverter.ToSingle(bounds, i * 4), 1e-3f);
    }

    [Fact]
    public void Execute_RepresentativesWithRoomForAllGroups_EqualsJointSoftmaxAtOneDistance()
    {
        RandomSequence sequence = new(700, seed: 9);
        float[] outputs = sequence.Run(Policy(64, 64), [100]);
        Assert.InRange(sequence.Difference(outputs, [0, 127, 128, 300, 699], row =>
        {
            int start = ((row / 32 * 32) - 96) / 64 * 64;
            return start <= 16
                ? RandomSequence.Dense(row)
                : Enumerable.Range(0, start).Select(token => (token, 0, 96)).Concat(Enumerable.Range(start, row + 1 - start).Select(token => (token, token, row)));
        }), 0, 2e-5);
    }

    [Fact]
    public void Execute_Representatives_DoNotDependOnThreads()
    {
        RandomSequence sequence = new(1200, seed: 10);
        float[] one = sequence.Run(Policy(8, 4), [200]);
        Assert.Equal(one, sequence.Run(Policy(8, 4), [200], threads: 4));
        Assert.NotEqual(one, sequence.Run(new BlocksPolicy(new() { WindowTokens = 96, Selection = new() { BeamGroups = 8, KeptGroups = 4, ProbeGroups = 0 } }), [200]));
    }

    [Fact]
    public void Received_AddReserveDropTruncate_KeepWhatIsStillKnown()
    {
        ReceivedAttention received = new();
        received.Reserve(4096);
        received.Add(5, 1);
        received.Add(3000, 2);
        received.DropBefore(2048);
        Assert.Equal(0, received[5]);
        Assert.Equal(2L << 32, received[3000]);
        received.Add(7, 1); // forgotten already
        received.Truncate(2500);
        Assert.Equal(0, received[3000]);
        received.Reserve(5000);
        Assert.Equal(0, received[4999]);
    }

    private static BlocksPolicy Policy(int beam, int kept)
        => new(new() { WindowTokens = 96, Selection = new() { Kind = SelectionKind.Representatives, BeamGroups = beam, KeptGroups = kept, ProbeGroups = 0 } });
}
