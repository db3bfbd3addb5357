namespace Actors.Attention.Tests.Policies;

public sealed class ClustersPolicyTests
{
    private const int Window = 64, Sinks = 16, Segment = 64;

    [Theory]
    [InlineData("true", 1)]
    [InlineData("constant", 27)]
    [InlineData("auto", 32)]
    public void Execute_EverythingEstimated_EqualsTheSoftmaxWithCentroidsAsHeavyAsTheirMembers(string positions, int chunk)
    {
        RandomSequence sequence = new(420, seed: 41, attentionScale: 1.1f);
        IAttentionPolicy policy = AttentionPolicies.Create($"clusters:segment={Segment}:cluster=8:retrieve=0:least=0:most=0:estimate=1:estimatefar=1:sinks={Sinks}:window={Window}:positions={positions}", 256);
        float[] outputs = sequence.Run(policy, [chunk]);
        foreach (int row in (int[])[100, 200, 255, 256, 400, 419])
        {
            AttentionView view = policy.View(row);
            bool constant = view.Distant && view.Sinks == SinkPlacement.Constant;
            for (int head = 0; head < sequence.Shape.QueryHeads; head++)
            {
                double[] expected = Expected(sequence, view, row, head, constant);
                for (int i = 0; i < expected.Length; i++)
                    Assert.Equal(expected[i], outputs[(((row * sequence.Shape.QueryHeads) + head) * sequence.Shape.HeadDim) + i], 1e-4);
            }
        }
    }

    [Fact]
    public void Fingerprint_EveryOption_ChangesIt()
    {
        string[] specs =
        [
            "clusters", "clusters:segment=64", "clusters:cluster=4", "clusters:rounds=1", "clusters:retrieve=0.1", "clusters:least=1", "clusters:most=600", "clusters:estimate=0",
            "clusters:estimatefar=0.1", "clusters:heads=sum", "clusters:rank=centroid", "clusters:sinks=32",
        ];
        Assert.Equal(specs.Length, specs.Select(spec => AttentionPolicies.Create(spec, 512).Fingerprint).Distinct().Count());
    }

    // Sinks, the keys in no cluster and the window one by one, and a mean key with a mean value per cluster.
    private static double[] Expected(RandomSequence sequence, AttentionView view, int row, int head, bool constant)
    {
        int kvHead = head / sequence.Shape.GroupSize, headDim = sequence.Shape.HeadDim, clustered = Sinks + ((view.WindowStart - Sinks) / Segment * Segment);
        double[] near = sequence.Query(row, head, row), far = sequence.Query(row, head, constant ? Window : row);
        List<(double Score, double[] Value)> read = [];
        for (int token = 0; token <= row; token++)
        {
            bool remembered = token < view.WindowStart;
            if (token < Sinks || token >= clustered || !view.Distant)
                read.Add((Dot(remembered ? far : near, sequence.Key(token, kvHead, remembered && constant ? 0 : token)), Value(token)));
        }
        KeyClusters clusters = new(headDim, Segment, 8, 9);
        for (int first = Sinks; view.Distant && first < clustered; first += Segment)
            clusters.Append([.. Enumerable.Range(first, Segment).SelectMany(Key).Select(value => (float)value)]);
        for (int cluster = 0; cluster < clusters.Count; cluster++)
        {
            int[] members = [.. clusters.Members(cluster).ToArray().Select(id => id + Sinks)];
            read.Add((Dot(far, Mean(members.Select(Key))) + Math.Log(members.Length), Mean(members.Select(Value))));
        }
        double largest = read.Max(key => key.Score), sum = read.Sum(key => Math.Exp(key.Score - largest));
        return [.. Enumerable.Range(0, headDim).Select(i => read.Sum(key => Math.Exp(key.Score - largest) / sum * key.Value[i]))];

        double[] Key(int token) => sequence.Key(token, kvHead, constant ? 0 : token);

        double[] Value(int token) => [.. sequence.Value(token, kvHead).ToArray().Select(value => (double)value)];
    }

    private static double[] Mean(IEnumerable<double[]> rows)
    {
        double[][] all = [.. rows];
        return [.. all[0].Select((_, i) => all.Average(row => row[i]))];
    }

    private static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();
}
