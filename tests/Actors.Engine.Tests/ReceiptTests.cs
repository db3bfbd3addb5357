using Actors.Attention;
using Actors.Kernels;
using Actors.Models;
using Actors.Testing;

namespace Actors.Engine.Tests;

public class ReceiptTests
{
    private static readonly int[] Tokens = ReferenceRun.Read("llama").Tokens;

    [Fact]
    public async Task RunAsync_ReceiptsAskedFor_EachTokenSaysWhatItsQueryRead()
    {
        await using var harness = new EngineHarness(threads: 2);
        EngineSequence sequence = harness.Open("dense");

        List<EngineEvent> events = await harness.RunAsync(sequence, EngineHarness.Generate(Tokens, 6) with { ReceiptTokens = 10 });

        AttentionReceipt[] receipts = [.. events.OfType<EngineEvent.Token>().Select(token => token.Receipt!)];
        Assert.Equal(Enumerable.Range(Tokens.Length - 1, 6), receipts.Select(receipt => receipt.Position));
        Assert.All(receipts, receipt =>
        {
            Assert.Equal(10, receipt.Read.Count);
            Assert.Equal(1f, receipt.WindowMass, 3);
            Assert.All(receipt.Read, read => Assert.InRange(read.Position, 0, receipt.Position));
        });
        Assert.All(
            (await harness.RunAsync(sequence, EngineHarness.Generate(new[] { 5 }, 3))).OfType<EngineEvent.Token>(), token => Assert.Null(token.Receipt));
    }

    [Fact]
    public async Task RunAsync_ReceiptsAskedFor_ChangeNoTokenAndNeedNoOrderOfTurns()
    {
        await using var harness = new EngineHarness();
        EngineTurn plain = EngineHarness.Generate(Tokens, 8), asked = plain with { ReceiptTokens = 4096 };
        List<EngineEvent> alone = await harness.RunAsync(harness.Open("blocks"), asked);
        Task<List<EngineEvent>>[] running = [harness.CollectAsync(harness.Open("blocks"), asked), harness.CollectAsync(harness.Open("blocks"), plain)];
        List<EngineEvent>[] together = await harness.DriveAsync(Task.WhenAll(running));

        Assert.Equal(alone.TokenIds(), together[1].TokenIds());
        Assert.Equal(alone.OfType<EngineEvent.Token>().Select(token => token.Receipt!.Read), together[0].OfType<EngineEvent.Token>().Select(token => token.Receipt!.Read));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(4097)]
    public async Task RunAsync_ReceiptTokensOutOfRange_Throws(int tokens)
    {
        await using var harness = new EngineHarness();
        Assert.Throws<ArgumentOutOfRangeException>(() => harness.Engine.RunAsync(harness.Open(), new EngineTurn { ReceiptTokens = tokens }));
    }

    [Fact]
    public async Task Fidelity_EveryStepSampled_EqualsAnOfflineRunOfTheSameTokens()
    {
        EngineOptions options = EngineHarness.DefaultOptions();
        options.FidelityRate = 1;
        await using var harness = new EngineHarness(options: options);
        const string Policy = "streaming:window=64:sinks=4";
        EngineSequence sequence = harness.Open(Policy);
        int[] answer = (await harness.RunAsync(sequence, EngineHarness.Generate(Tokens, 12))).TokenIds();

        PolicyFidelity published = Assert.Single(sequence.Fidelity);

        using var checkpoint = Checkpoint.Open(RepositoryFiles.Reference("llama"));
        using var pool = new ComputePool(1);
        using var backend = new CpuBackend(checkpoint, pool);
        using var offline = new SequenceDriver(checkpoint, backend, pool, AttentionPolicies.Create(Policy, checkpoint.Config.TrainedWindow), 1024, KvCache.KvFormat.Float32);
        offline.Step(Tokens);
        ModelShape shape = backend.Shape;
        offline.Attention.Fidelity = new AttentionFidelity(new(shape.Layers, shape.QueryHeads, shape.KvHeads, shape.HeadDim), 1, 1024);
        foreach (int token in answer[..^1])
            offline.Step([token]);
        FidelityReport expected = offline.Attention.Fidelity.Report;
        Assert.Equal((Policy, 11L, 0L), (published.Policy, published.Report.Samples, published.Report.Skipped));
        Assert.Equal(expected.Recall, published.Report.Recall, 1e-4);
        Assert.Equal(expected.OutputError, published.Report.OutputError, 1e-4);
        Assert.Equal(expected.KeysTouched, published.Report.KeysTouched, 1e-4);
        Assert.InRange(published.Report.Recall, 0.05, 0.99);
    }

    [Fact]
    public async Task Fidelity_PolicyChangedThereAndBack_KeepsBothAndGoesOn()
    {
        EngineOptions options = EngineHarness.DefaultOptions();
        (options.FidelityRate, options.FidelityKeyLimit) = (1, Tokens.Length + 12);
        await using var harness = new EngineHarness(options: options);
        EngineSequence sequence = harness.Open("dense");
        await harness.RunAsync(sequence, EngineHarness.Generate(Tokens, 5));
        await harness.DriveAsync(sequence.ChangePolicyAsync("streaming"));
        await harness.RunAsync(sequence, EngineHarness.Generate(default, 5));
        await harness.DriveAsync(sequence.ChangePolicyAsync("dense"));
        await harness.RunAsync(sequence, EngineHarness.Generate(default, 5));

        Assert.Equal(["streaming", "dense"], sequence.Fidelity.Select(entry => entry.Policy));
        FidelityReport dense = sequence.Fidelity[1].Report;
        // Steps at positions below the limit were sampled, the later ones skipped.
        Assert.Equal((9, 5, 2), (dense.Samples + dense.Skipped, sequence.Fidelity[0].Report.Samples, dense.Skipped));
        Assert.Equal((1.0, 1.0), (Math.Round(dense.Recall, 4), dense.KeysTouched));
        Assert.InRange(dense.OutputError, 0, 1e-5);
    }

    [Fact]
    public async Task Fidelity_RateZero_PublishesNothing()
    {
        EngineOptions options = EngineHarness.DefaultOptions();
        options.FidelityRate = 0;
        await using var harness = new EngineHarness(options: options);
        EngineSequence sequence = harness.Open("streaming");
        await harness.RunAsync(sequence, EngineHarness.Generate(Tokens, 30));
        Assert.Empty(sequence.Fidelity);
    }
}
