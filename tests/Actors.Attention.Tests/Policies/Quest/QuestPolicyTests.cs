namespace Actors.Attention.Tests.Policies;

public sealed class QuestPolicyTests
{
    private const int Window = 64, Sinks = 16, Pages = 4;

    [Theory]
    [InlineData("true", 1)]
    [InlineData("constant", 27)]
    [InlineData("auto", 19)]
    public void Execute_EachHeadForItself_ReadsThePagesWithTheHighestBounds(string positions, int chunk)
    {
        RandomSequence sequence = new(420, seed: 31, attentionScale: 1.1f, sharpness: 3);
        IAttentionPolicy policy = AttentionPolicies.Create($"quest:heads=each:denselayers=0:budget={Pages * 16}:sinks={Sinks}:window={Window}:positions={positions}", 256);
        float[] outputs = sequence.Run(policy, [chunk]);
        foreach (int row in (int[])[90, 150, 200, 255, 256, 300, 419])
        {
            AttentionView view = policy.View(row);
            bool constant = view.Sinks == SinkPlacement.Constant && view.Distant;
            for (int head = 0; head < sequence.Shape.QueryHeads; head++)
            {
                double[] query = sequence.Query(row, head, constant ? Window : row);
                IEnumerable<int> pages = Enumerable.Range(Sinks / 16, Math.Max((view.WindowStart - Sinks) / 16, 0))
                    .OrderByDescending(page => Bound(sequence, query, head / sequence.Shape.GroupSize, page, constant)).Take(Pages);
                IEnumerable<(int, int, int)> Placed(IEnumerable<int> tokens) => tokens.Select(token => constant ? (token, 0, Window) : (token, token, row));
                IEnumerable<(int, int, int)> keys = view == AttentionView.Dense
                    ? RandomSequence.Dense(row)
                    : Placed(Enumerable.Range(0, Sinks)).Concat(Placed(pages.SelectMany(page => Enumerable.Range(page * 16, 16))))
                        .Concat(Enumerable.Range(view.WindowStart, row + 1 - view.WindowStart).Select(token => (token, token, row)));
                double[] expected = sequence.Reference(row, head, keys);
                for (int i = 0; i < expected.Length; i++)
                    Assert.Equal(expected[i], outputs[(((row * sequence.Shape.QueryHeads) + head) * sequence.Shape.HeadDim) + i], 5e-5);
            }
        }
    }

    [Fact]
    public void Execute_DenseLayersAtTrueOrConstantPositions_ReadEverythingOrNotMore()
    {
        RandomSequence sequence = new(300, seed: 32);
        string spec = $"quest:budget=48:sinks={Sinks}:window={Window}:positions=";
        Assert.InRange(sequence.Difference(sequence.Run(AttentionPolicies.Create(spec + "true", 512), [1]), [100, 299], RandomSequence.Dense), 0, 5e-5);
        Assert.Equal(
            sequence.Run(AttentionPolicies.Create(spec + "constant:denselayers=0", 512), [1]), sequence.Run(AttentionPolicies.Create(spec + "constant:denselayers=2", 512), [1]));
    }

    [Fact]
    public void Fingerprint_EveryOption_ChangesIt()
    {
        string[] specs = ["quest", "quest:budget=64", "quest:denselayers=1", "quest:heads=sum", "quest:heads=each", "quest:scan=tree", "quest:opened=9", "quest:sinks=32", "quest:window=64", "quest:positions=true"];
        Assert.Equal(specs.Length, specs.Select(spec => AttentionPolicies.Create(spec, 512).Fingerprint).Distinct().Count());
    }

    private static double Bound(RandomSequence sequence, double[] query, int kvHead, int page, bool constant)
    {
        double[][] keys = [.. Enumerable.Range(page * 16, 16).Select(token => sequence.Key(token, kvHead, constant ? 0 : token))];
        return query.Select((q, i) => Math.Max(q * keys.Min(key => key[i]), q * keys.Max(key => key[i]))).Sum();
    }
}
