using System.Diagnostics;
using Actors.Attention;
using Actors.Engine;
using Actors.KvCache;
using Actors.Models;

namespace Actors.Server.Evaluation;

/// <summary>
/// Measures prefill and decoding at several lengths of context. All contexts are read first; then the rounds go over all of them in turn, so that what else
/// the machine does falls on all lengths alike. Not thread-safe.
/// </summary>
/// <param name="engine">Used alone while it lasts.</param>
/// <param name="createStore">Makes an empty page store for a context, or null to keep all pages in memory.</param>
internal sealed class EngineBenchmark(InferenceEngine engine, Func<IPageStore>? createStore)
{
    private const int FirstOrdinaryToken = 256, WarmUpTokens = 2048;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);

    private static readonly SamplingOptions Greedy = new() { Temperature = 0 };

    private int _contexts;

    /// <summary>Runs all lengths.</summary>
    /// <param name="policy">Attention policy.</param>
    /// <param name="contexts">Lengths in tokens.</param>
    /// <param name="rounds">How often each is measured.</param>
    /// <param name="tokensPerRound">Tokens generated each time, 2 or more.</param>
    /// <param name="onTokens">Called with the tokens that were computed since the last call.</param>
    /// <param name="cancellationToken">Stops.</param>
    public async Task<IReadOnlyList<BenchRow>> RunAsync(
        string policy, IReadOnlyList<int> contexts, int rounds, int tokensPerRound, Action<int> onTokens, CancellationToken cancellationToken)
    {
        List<Run> runs = [];
        try
        {
            long start = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(start) < WarmUp) // the runtime compiles hot code again while it runs
                await (await ReadAsync(policy, WarmUpTokens, onTokens, cancellationToken)).Sequence.DisposeAsync();

            foreach (int context in contexts) runs.Add(await ReadAsync(policy, context, onTokens, cancellationToken));
            start = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(start) < WarmUp)
                foreach (Run run in runs) await DecodeAsync(run, isWarmUp: true, tokensPerRound, onTokens, cancellationToken);

            for (int round = 0; round < rounds; round++)
                foreach (Run run in runs) await DecodeAsync(run, isWarmUp: false, tokensPerRound, onTokens, cancellationToken);

            return [.. runs.Select(run => run.ToRow(policy))];
        }
        finally
        {
            foreach (Run run in runs) await run.Sequence.DisposeAsync();
        }
    }

    private async Task<Run> ReadAsync(string policy, int context, Action<int> onTokens, CancellationToken cancellationToken)
    {
        int vocabulary = engine.Model.Config.Shape.VocabularySize;
        var random = new SeededRandom(context);
        int[] tokens = [.. Enumerable.Range(0, context).Select(_ => random.Next(Math.Min(FirstOrdinaryToken, vocabulary / 2), vocabulary))];
        EngineSequence sequence = engine.Open(new SequenceOptions { PolicyName = policy, PageStore = createStore?.Invoke(), TenantSalt = $"bench {++_contexts}" });
        try
        {
            EngineStatistics before = engine.GetStatistics();
            EngineUsage usage = await RunAsync(sequence, new EngineTurn { Input = tokens }, onTokens, cancellationToken);
            return new Run(sequence, tokens, usage) { PrefillAttention = engine.GetStatistics().AttentionTime - before.AttentionTime, PrefillShareRead = ShareRead(sequence) };
        }
        catch
        {
            await sequence.DisposeAsync();
            throw;
        }
    }

    // The report counts keys per query block, so all pairs are counted in the same way.
    private double ShareRead(EngineSequence sequence)
    {
        AttentionReport report = sequence.AttentionReport;
        AttentionShape shape = engine.Model.AttentionShape;
        long all = 0;
        int end = sequence.TokenCount;
        for (int rows = (int)(report.RowsComputed / shape.Layers); rows > 0;)
        {
            int block = Math.Min(rows, ((end - 1) % AttentionPolicies.QueryBlockTokens) + 1);
            all += end;
            (end, rows) = (end - block, rows - block);
        }
        return report.KeysRead / Math.Max(1.0, (double)all * shape.Layers * shape.KvHeads);
    }

    private async Task DecodeAsync(Run run, bool isWarmUp, int tokensPerRound, Action<int> onTokens, CancellationToken cancellationToken)
    {
        var turn = new EngineTurn { Input = run.Tokens.AsMemory(0, 1), MaxNewTokens = tokensPerRound, Sampling = Greedy, IgnoreEnd = true };
        EngineStatistics before = engine.GetStatistics();
        EngineUsage usage = await RunAsync(run.Sequence, turn, onTokens, cancellationToken);
        if (!isWarmUp)
        {
            run.Milliseconds.Add(usage.Decode.TotalMilliseconds / (usage.GeneratedTokens - 1));
            run.Steps.Add(StepBreakdown.Between(before, engine.GetStatistics()));
            run.KeysRead = run.Sequence.AttentionReport.KeysRead / (double)(engine.Model.AttentionShape.Layers * engine.Model.AttentionShape.KvHeads);
        }
        await run.Sequence.TruncateAsync(run.Tokens.Length, cancellationToken);
    }

    private async Task<EngineUsage> RunAsync(EngineSequence sequence, EngineTurn turn, Action<int> onTokens, CancellationToken cancellationToken)
    {
        int computed = 0;
        await foreach (EngineEvent engineEvent in engine.RunAsync(sequence, turn, cancellationToken))
        {
            if (engineEvent is EngineEvent.Progress progress)
            {
                onTokens(progress.ComputedTokens - computed);
                computed = progress.ComputedTokens;
            }
            else if (engineEvent is EngineEvent.Finished finished)
            {
                return finished.Usage;
            }
        }
        throw new InvalidOperationException("The turn ended without its last event.");
    }

    private sealed class Run(EngineSequence sequence, int[] tokens, EngineUsage read)
    {
        public EngineSequence Sequence { get; } = sequence;

        public int[] Tokens { get; } = tokens;

        public List<double> Milliseconds { get; } = [];

        public List<StepBreakdown> Steps { get; } = [];

        public double KeysRead { get; set; }

        public TimeSpan PrefillAttention { get; init; }

        public double PrefillShareRead { get; init; }

        public BenchRow ToRow(string policy) => new()
        {
            Policy = policy,
            Context = Tokens.Length,
            PrefillTokensPerSecond = read.ComputedTokens / Math.Max(1e-9, read.Prefill.TotalSeconds),
            PrefillAttentionMilliseconds = PrefillAttention.TotalMilliseconds / Tokens.Length,
            PrefillShareRead = PrefillShareRead,
            DecodeMilliseconds = EvaluationRunner.Median(Milliseconds),
            DecodeMillisecondsLeast = Milliseconds.Min(),
            KeysRead = KeysRead,
            Step = MedianStep(),
            ResidentBytes = Sequence.Memory.ResidentBytes,
        };

        private StepBreakdown MedianStep() => Steps.OrderBy(step => step.Whole).ElementAt(Steps.Count / 2);
    }
}
