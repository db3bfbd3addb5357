namespace Actors.Attention.Tests;

/// <summary>What fidelity says of a policy, against an exact run in double that knows only what was read.</summary>
public sealed class AttentionFidelityTests
{
    private static readonly AttentionShape OneHead = new(1, 1, 1, 32);

    public static TheoryData<string> Specs =>
    [
        "blocks:window=96:sinks=16:beam=8:kept=4:distance=70", "streaming:window=90:sinks=5", "dense",
    ];

    [Theory, MemberData(nameof(Specs))]
    public void Report_EveryStepSampled_EqualsAnExactRun(string spec)
    {
        RandomSequence sequence = new(400, seed: 31, OneHead, attentionScale: 1.1f);
        IAttentionPolicy policy = AttentionPolicies.Create(spec, 512);
        AttentionFidelity fidelity = new(OneHead, 1, 1000);
        AttentionTrace trace = new(OneHead);
        List<AttentionReceipt> receipts = [];
        float[] outputs = sequence.Run(policy, [1], begin: attention => (attention.Fidelity, attention.Trace) = (fidelity, trace), afterCommit: (_, tokens) => receipts.Add(trace.Read(tokens)));

        double recall = 0, error = 0, touched = 0;
        for (int row = 0; row < 400; row++)
        {
            (int Token, int KeyPosition, int QueryPosition)[] keys = [.. Places(policy.View(row), row)];
            HashSet<int> read = [.. receipts[row].Read.Select(token => token.Position)];
            double[] exact = sequence.Reference(row, 0, keys), output = [.. outputs[(row * 32)..((row + 1) * 32)]];
            recall += sequence.Shares(row, 0, keys).Where(key => read.Contains(key.Token)).Sum(key => key.Share) / 400;
            error += Length(output.Zip(exact, (x, y) => x - y)) / Length(exact) / 400;
            touched += (double)read.Count / (row + 1) / 400;
        }

        Assert.Equal(400, fidelity.Report.Samples);
        Assert.InRange(fidelity.Report.Recall, recall - 1e-4, recall + 1e-4);
        Assert.InRange(fidelity.Report.OutputError, error - 1e-4, error + 1e-4);
        Assert.InRange(fidelity.Report.KeysTouched, touched - 1e-4, touched + 1e-4);
        Assert.Equal(spec == "dense", recall > 0.9999);
    }

    [Fact]
    public void Report_SummariesAndAllKeys_CountsKeysOnly()
    {
        MemoryOptions zones = new() { SinkTokens = 32, WindowTokens = 96, Placement = MemoryPlacement.Constant, TrainedWindow = 400 };
        FidelityReport all = Run(700, new MemoryReaderTests.Everything(zones, vectors: false), 1, 1000), summaries = Run(700, new MemoryReaderTests.Everything(zones, vectors: true), 1, 1000);
        Assert.Equal((1.0, 1.0), (Math.Round(all.Recall, 5), all.KeysTouched));
        Assert.InRange(all.OutputError, 0, 1e-5);
        Assert.InRange(summaries.OutputError, 0, 1e-5);
        Assert.InRange(summaries.Recall, 0.1, 0.99);
        Assert.InRange(summaries.KeysTouched, 0.1, 0.99);
    }

    [Fact]
    public void Report_RateAndLimit_SamplesTheSamePositionsAndSkipsLongContexts()
    {
        IAttentionPolicy policy = AttentionPolicies.Create("streaming:window=64:sinks=4", 512);
        FidelityReport some = Run(600, policy, 0.1, 1000), again = Run(600, policy, 0.1, 1000, threads: 4), limited = Run(600, policy, 0.1, 300);
        Assert.InRange(some.Samples, 30, 90);
        Assert.Equal(some, again);
        Assert.Equal(some.Samples, limited.Samples + limited.Skipped);
        Assert.InRange(limited.Skipped, 10, some.Samples - 10);
        Assert.Equal(default, Run(600, policy, 0, 1000));
    }

    [Fact]
    public void Execute_Sampled_ChangesNeitherResultsNorCounts()
    {
        RandomSequence sequence = new(500, seed: 33);
        IAttentionPolicy policy = AttentionPolicies.Create("blocks:window=96:sinks=16:beam=8:kept=4", 512);
        AttentionReport with = default, without = default;
        float[] sampled = sequence.Run(policy, [1], afterCommit: (attention, _) => with = attention.Report, begin: attention => attention.Fidelity = new(sequence.Shape, 1, 1000));
        Assert.Equal(sequence.Run(policy, [1], afterCommit: (attention, _) => without = attention.Report), sampled);
        Assert.Equal(without, with);
    }

    [Theory]
    [InlineData(-0.1, 1)]
    [InlineData(1.1, 1)]
    [InlineData(0.5, 0)]
    public void Create_OutOfRange_Throws(double rate, int limit) => Assert.Throws<ArgumentOutOfRangeException>(() => new AttentionFidelity(OneHead, rate, limit));

    private static FidelityReport Run(int tokens, IAttentionPolicy policy, double rate, int limit, int threads = 1)
    {
        RandomSequence sequence = new(tokens, seed: 32);
        AttentionFidelity fidelity = new(sequence.Shape, rate, limit);
        sequence.Run(policy, [1], threads, begin: attention => attention.Fidelity = fidelity);
        return fidelity.Report;
    }

    private static IEnumerable<(int Token, int KeyPosition, int QueryPosition)> Places(AttentionView view, int row)
    {
        for (int token = 0; token <= row; token++)
        {
            bool sink = token < view.SinkTokens, far = token < view.WindowStart;
            yield return view.Sinks switch
            {
                SinkPlacement.Constant when far => (token, 0, view.Distance),
                SinkPlacement.Slots when sink && far => (token, token, view.Distance),
                _ => (token, token, row),
            };
        }
    }

    private static double Length(IEnumerable<double> vector) => Math.Sqrt(vector.Sum(value => value * value));
}
