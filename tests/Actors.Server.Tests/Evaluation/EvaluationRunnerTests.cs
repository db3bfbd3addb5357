using Actors.KvCache;
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
        int computed = 0;

        EvaluationRow row = Assert.Single(await RunAsync(access, Plan("facts", 400, 3, ["dense"]), null, tokens => computed += tokens));

        Assert.Equal(30, row.Questions);
        Assert.InRange(row.Right, 20, 30);
        Assert.Equal(row.Right, row.Answers.Count(answer => answer.Score == 1));
        Assert.Equal(100.0 * row.Right / row.Questions, row.Score!.Value, 9);
        Assert.Equal((row.Right, row.Questions), (row.Kinds.Values.Sum(kind => kind.Right), row.Kinds.Values.Sum(kind => kind.Questions)));
        Assert.InRange(row.Tokens, 320, 400);
        Assert.True(computed > 3 * row.Tokens);
        Assert.True(row is { PrefillTokensPerSecond: > 0, DecodeMilliseconds: > 0, KeysRead: > 300, TouchedPercent: > 90 and <= 100, ResidentBytes: > 0, SwitchMilliseconds: null });
    }

    [Fact]
    public async Task RunAsync_ReceiptsAndFidelity_ChangeNoAnswerAndFindWhatWasPlanted()
    {
        await using EngineAccess access = Open(fidelity: 1);
        EvaluationPlan plan = Plan("facts", 3000, 2, ["auto"]);

        EvaluationRow plain = Assert.Single(await RunAsync(access, plan, null));
        EvaluationRow row = Assert.Single(await RunAsync(access, plan with { Receipts = true, Fidelity = 1 }, null));

        Assert.Equal(Said(plain), Said(row));
        Assert.Null(plain.ReceiptFirst);
        Assert.Equal(row.Right, row.ReceiptFirst!.Value.Questions);
        Assert.True(row.ReceiptFirst.Value.Right >= 0.8 * row.Right, $"{row.ReceiptFirst.Value.Right} of {row.Right}");
        Assert.InRange(row.Recall!.Value, 0.3, 1);
        Assert.InRange(row.OutputError!.Value, 0, 1);
        Assert.Equal("receipts; fidelity 1", row.Key.Variant);
    }

    [Fact]
    public async Task RunAsync_PagesOnDisk_RecallAsMuchAsInMemory()
    {
        await using EngineAccess access = Open();
        using var stores = new TemporaryPageStores();
        EvaluationPlan plan = Plan("facts", 3000, 1, ["auto"]);

        EvaluationRow inMemory = Assert.Single(await RunAsync(access, plan, null));
        EvaluationRow onDisk = Assert.Single(await RunAsync(access, plan, stores.Create));

        Assert.Equal(Said(inMemory), Said(onDisk));
    }

    [Theory]
    [InlineData("facts", 1500)]
    [InlineData("niah_single_1", 2500)]
    public async Task RunAsync_ContextsReadOnce_AnswersAreThoseOfThePolicyThatReadsItself(string task, int length)
    {
        await using EngineAccess access = Open();

        EvaluationRow alone = Assert.Single(await RunAsync(access, Plan(task, length, 4, ["blocks"]), null));
        int computed = 0;
        IReadOnlyList<EvaluationRow> together = await RunAsync(
            access, Plan(task, length, 4, ["streaming", "blocks"]) with { Ingest = "blocks" }, null, tokens => computed += tokens);

        Assert.Equal(["streaming", "blocks"], together.Select(row => row.Key.Policy));
        Assert.All(together, row => Assert.Equal(("blocks", alone.Tokens), (row.Key.Ingest, row.Tokens)));
        Assert.Equal(Said(alone), Said(together[1]));
        Assert.NotEqual(Said(alone), Said(together[0]));
        Assert.True(together[1].SwitchMilliseconds > 0);
        if (task == "niah_single_1") Assert.InRange(computed, length, 4 * alone.Tokens); // four contexts and eight questions, less what contexts have in common
    }

    [Fact]
    public async Task RunAsync_Perplexity_FallsWithThePositionAndIsTheSameInSmallerChunks()
    {
        await using EngineAccess access = Open();
        string text = string.Concat(Enumerable.Repeat("The engine keeps every page that it was given. Nothing is lost when it restarts. ", 60));
        EvaluationPlan plan = Plan("perplexity", 400, 1, ["dense"]) with { Text = text };

        EvaluationRow row = Assert.Single(await new PerplexityRunner(access.Engine, null, plan).RunAsync(new("perplexity", 400, 42, ["dense"]), static _ => { }, CancellationToken.None));
        EvaluationRow single = Assert.Single(
            await new PerplexityRunner(access.Engine, null, plan with { ChunkTokens = 1 }).RunAsync(new("perplexity", 400, 42, ["dense"]), static _ => { }, CancellationToken.None));

        Assert.Equal([(0, 128, 127), (128, 256, 128), (256, 400, 144)], row.Losses.Select(bucket => (bucket.From, bucket.To, bucket.Tokens)));
        Assert.True(row.Losses[2].Loss < row.Losses[0].Loss);
        double mean = row.Losses.Sum(bucket => bucket.Loss * bucket.Tokens) / 399;
        Assert.Equal(Math.Exp(mean), row.Perplexity!.Value, 9);
        Assert.InRange(row.Perplexity.Value, 1.0, 200);
        Assert.Equal(row.Perplexity.Value, single.Perplexity!.Value, 1e-3 * row.Perplexity.Value);
        Assert.Equal((null, 100.0), (row.TouchedPercent, single.TouchedPercent));
    }

    [Theory]
    [MemberData(nameof(TaskTests.Tasks), MemberType = typeof(TaskTests))]
    public async Task Frame_AnyTask_IsTheWholeMessageInTwoPartsAndFindsWhatWasPlanted(string name)
    {
        await using EngineAccess access = Open();
        var frame = new PromptFrame(access.Model);
        IEvaluationTask task = EvaluationTasks.Create(name, new EvaluationTaskOptions { Prose = Haystack.FromText(string.Concat(Enumerable.Repeat("It is – as said – so. \n", 500))) });
        EvaluationSample sample = task.Create(new SampleSeed(1, 1), 2000 - frame.FrameTokens, frame.CountTokens);

        FramedSample framed = frame.Frame(sample, task.IsMessage);

        for (int i = 0; i < sample.Questions.Count; i++)
        {
            EvaluationQuestion question = sample.Questions[i];
            string whole = access.Model.Tokenizer.Decode([.. framed.Context, .. framed.Questions[i]], skipSpecialTokens: false);
            string expected = task.IsMessage ? sample.Context + question.Text : $"{sample.Context}<|im_start|>user\n{question.Text}";
            Assert.EndsWith($"{expected}<|im_end|>\n<|im_start|>assistant\n{question.AnswerPrefix}", whole);
            if (task.IsMessage) Assert.InRange(framed.Context.Length + framed.Questions[i].Length + question.MaxNewTokens, 1000, 2000);
            foreach ((int place, TextRange tokens) in framed.Planted[i].Index())
            {
                string told = question.Told.Split('\n')[place], found = access.Model.Tokenizer.Decode(framed.Context.AsSpan(tokens.Start, tokens.End - tokens.Start), skipSpecialTokens: false);
                Assert.Contains(told, found);
                Assert.True(found.Length <= told.Length + 12, found);
            }
        }
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

    private static EvaluationPlan Plan(string task, int length, int samples, string[] policies) =>
        new() { Tasks = [task], Policies = policies, Lengths = [length], Seeds = [42], Samples = samples };

    private static Task<IReadOnlyList<EvaluationRow>> RunAsync(EngineAccess access, EvaluationPlan plan, Func<IPageStore>? createStore, Action<int>? onTokens = null) =>
        new EvaluationRunner(access.Engine, createStore, plan).RunAsync(
            new EvaluationCell(plan.Tasks[0], plan.Lengths[0], plan.Seeds[0], plan.Policies), onTokens ?? (static _ => { }), CancellationToken.None);

    private static IEnumerable<string> Said(EvaluationRow row) => row.Answers.Select(answer => $"{answer.Sample} {answer.Question} {answer.Answer}");

    private static EngineAccess Open(double fidelity = 0) => EngineAccess.Open(new Settings { Threads = 1 }, fidelity);
}
