using System.Text;
using Actors.Engine;
using Actors.KvCache;
using Actors.Models;

namespace Actors.Server.Evaluation;

/// <summary>Runs tests on an engine, greedily, one context at a time. Not thread-safe.</summary>
/// <param name="engine">Used alone while a run lasts, so that times mean something.</param>
/// <param name="createStore">Makes an empty page store for a context, or null to keep all pages in memory.</param>
internal sealed class EvaluationRunner(InferenceEngine engine, Func<IPageStore>? createStore)
{
    private static readonly SamplingOptions Greedy = new() { Temperature = 0 };

    private readonly PromptFrame _frame = new(engine.Model);
    private int _contexts;

    /// <summary>Runs one row.</summary>
    /// <param name="plan">What to run.</param>
    /// <param name="policy">Attention policy.</param>
    /// <param name="length">Length in tokens.</param>
    /// <param name="onTokens">Called with the tokens that were computed since the last call.</param>
    /// <param name="cancellationToken">Stops the run.</param>
    public async Task<EvaluationRow> RunAsync(EvaluationPlan plan, string policy, int length, Action<int> onTokens, CancellationToken cancellationToken)
    {
        List<EvaluationAnswer> answers = [];
        List<double> decodeMilliseconds = [], keysRead = [];
        long tokens = 0;
        double prefillSeconds = 0;
        SequenceMemory memory = default;
        for (int i = 0; i < plan.Samples; i++)
        {
            EvaluationSample sample = plan.CreateSample(i, length, _frame.CountTokens);
            int[] context = _frame.Context(sample);
            await using EngineSequence sequence = engine.Open(new SequenceOptions
            {
                PolicyName = policy, PageStore = createStore?.Invoke(), TenantSalt = $"evaluation {++_contexts}",
            });
            TurnResult read = await RunAsync(sequence, new EngineTurn { Input = context }, onTokens, cancellationToken);
            tokens += read.Usage.ComputedTokens;
            prefillSeconds += read.Usage.Prefill.TotalSeconds;
            memory = sequence.Memory;
            foreach (EvaluationQuestion question in sample.Questions)
            {
                var turn = new EngineTurn { Input = _frame.Question(sample, question), MaxNewTokens = question.MaxNewTokens, Sampling = Greedy };
                TurnResult said = await RunAsync(sequence, turn, onTokens, cancellationToken);
                if (said.Usage.GeneratedTokens > 1) decodeMilliseconds.Add(said.Usage.Decode.TotalMilliseconds / said.Usage.GeneratedTokens);
                keysRead.Add(sequence.AttentionReport.KeysRead / (double)(engine.Model.AttentionShape.Layers * engine.Model.AttentionShape.KvHeads));
                answers.Add(new EvaluationAnswer(
                    i, question.Kind, question.Depth, question.Told, question.Text, question.Expected, said.Text, question.IsRight(said.Text)));
                await sequence.TruncateAsync(context.Length, cancellationToken);
            }
        }
        return new EvaluationRow
        {
            Task = plan.Task.Name,
            Policy = policy,
            Length = length,
            Tokens = (int)(tokens / plan.Samples),
            Samples = plan.Samples,
            Questions = answers.Count,
            Right = answers.Count(answer => answer.Right),
            KeysRead = keysRead.Count == 0 ? 0 : keysRead.Average(),
            PrefillTokensPerSecond = tokens / Math.Max(1e-9, prefillSeconds),
            DecodeMilliseconds = Median(decodeMilliseconds),
            ResidentBytes = memory.ResidentBytes,
            StoredBytes = memory.StoredBytes,
            Kinds = answers.GroupBy(answer => answer.Kind).ToDictionary(
                group => group.Key, group => new EvaluationShare(group.Count(answer => answer.Right), group.Count())),
            Answers = answers,
        };
    }

    internal static double Median(IReadOnlyCollection<double> values)
    {
        if (values.Count == 0) return 0;
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private async Task<TurnResult> RunAsync(EngineSequence sequence, EngineTurn turn, Action<int> onTokens, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        int computed = 0;
        await foreach (EngineEvent engineEvent in engine.RunAsync(sequence, turn, cancellationToken))
        {
            switch (engineEvent)
            {
                case EngineEvent.Progress progress:
                    onTokens(progress.ComputedTokens - computed);
                    computed = progress.ComputedTokens;
                    break;
                case EngineEvent.Token token:
                    text.Append(token.Text);
                    break;
                case EngineEvent.Finished finished:
                    return new TurnResult(text.Append(finished.Text).ToString(), finished.Usage);
            }
        }
        throw new InvalidOperationException("The turn ended without its last event.");
    }

    private readonly record struct TurnResult(string Text, EngineUsage Usage);
}
