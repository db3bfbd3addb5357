using Actors.Engine;
using Actors.Server.Cli;
using Actors.Server.Evaluation;

namespace Actors.Server.Tests.Evaluation;

/// <summary>Tests of memory on the real engine with the bundled model.</summary>
public sealed class EvaluationRunnerTests
{
    [Fact]
    public async Task RunAsync_FactsInTheTrainedContext_AreMostlyRecalledAndCounted()
    {
        await using EngineAccess access = Open();
        var plan = new EvaluationPlan(new FactsTask(Haystack.Noise, 10), ["dense"], [400], 3, 42);
        int computed = 0;

        EvaluationRow row = await new EvaluationRunner(access.Engine, null).RunAsync(plan, "dense", 400, tokens => computed += tokens, CancellationToken.None);

        Assert.Equal(30, row.Questions);
        Assert.InRange(row.Right, 20, 30);
        Assert.Equal(row.Right, row.Answers.Count(answer => answer.Right));
        Assert.Equal((row.Right, row.Questions), (row.Kinds.Values.Sum(kind => kind.Right), row.Kinds.Values.Sum(kind => kind.Questions)));
        Assert.InRange(row.Tokens, 320, 400);
        Assert.True(computed > 3 * row.Tokens);
        Assert.True(row is { PrefillTokensPerSecond: > 0, DecodeMilliseconds: > 0, KeysRead: > 300, ResidentBytes: > 0 });
    }

    [Fact]
    public async Task RunAsync_Twice_GivesTheSameAnswers()
    {
        await using EngineAccess access = Open();
        var plan = new EvaluationPlan(new FactsTask(Haystack.Noise, 5), ["auto"], [1500], 1, 7);
        var runner = new EvaluationRunner(access.Engine, null);

        EvaluationRow first = await runner.RunAsync(plan, "auto", 1500, static _ => { }, CancellationToken.None);
        EvaluationRow second = await runner.RunAsync(plan, "auto", 1500, static _ => { }, CancellationToken.None);

        Assert.Equal(first.Answers, second.Answers);
    }

    [Fact]
    public async Task RunAsync_PagesOnDisk_RecallAsMuchAsInMemory()
    {
        await using EngineAccess access = Open();
        using var stores = new TemporaryPageStores();
        var plan = new EvaluationPlan(new FactsTask(Haystack.Noise, 5), ["auto"], [3000], 1, 11);

        EvaluationRow inMemory = await new EvaluationRunner(access.Engine, null).RunAsync(plan, "auto", 3000, static _ => { }, CancellationToken.None);
        EvaluationRow onDisk = await new EvaluationRunner(access.Engine, stores.Create).RunAsync(plan, "auto", 3000, static _ => { }, CancellationToken.None);

        Assert.Equal(inMemory.Answers, onDisk.Answers);
    }

    [Fact]
    public async Task Benchmark_TwoContexts_MeasuresBoth()
    {
        await using EngineAccess access = Open();

        IReadOnlyList<BenchRow> rows = await new EngineBenchmark(access.Engine, null).RunAsync("auto", [64, 600], 2, 4, static _ => { }, CancellationToken.None);

        Assert.Equal([64, 600], rows.Select(row => row.Context));
        Assert.All(rows, row => Assert.True(row is { PrefillTokensPerSecond: > 0, DecodeMilliseconds: > 0, Step.Whole: > 0 }));
        Assert.All(rows, row => Assert.True(row.Step.Pre + row.Step.Attention + row.Step.Post + row.Step.Head <= row.Step.Whole));
        Assert.True(rows[1].KeysRead > rows[0].KeysRead);
    }

    private static EngineAccess Open() => EngineAccess.Open(new Settings { Threads = 1 });
}
