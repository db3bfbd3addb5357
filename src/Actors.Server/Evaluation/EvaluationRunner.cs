using System.Diagnostics;
using Actors.Attention;
using Actors.Engine;
using Actors.KvCache;
using Actors.Models;

namespace Actors.Server.Evaluation;

/// <summary>
/// Asks questions about contexts, greedily, one context at a time. Each policy reads the contexts itself; or one policy reads every context, and each of the
/// others answers on the same pages. Not thread-safe.
/// </summary>
/// <param name="engine">Used alone while a run lasts, so that times mean something.</param>
/// <param name="createStore">Makes an empty page store for a context, or null to keep all pages in memory.</param>
/// <param name="plan">What to run.</param>
internal sealed class EvaluationRunner(InferenceEngine engine, Func<IPageStore>? createStore, EvaluationPlan plan)
{
    // Questions come in pieces of which every token chooses for itself what it reads, so that no other policy reads them.
    private const int MostPieceTokens = AttentionPolicies.QueryBlockTokens;

    // Tokens that each receipt names.
    private const int ReceiptTokens = 64;

    // A context is cut for the next one where a step began: what follows is then computed in the same chunks as if it had been read from the start.
    private static readonly int StepTokens = new EngineOptions().MaxStepTokens;

    private static readonly SamplingOptions Greedy = new() { Temperature = 0 };

    private readonly PromptFrame _frame = new(engine.Model);
    private int _contexts;

    /// <summary>Runs one cell.</summary>
    /// <param name="cell">Task, length, seed, and the policies: one, unless the plan names a policy that reads for them.</param>
    /// <param name="onTokens">Called with the tokens that were computed since the last call.</param>
    /// <param name="cancellationToken">Stops the run.</param>
    /// <returns>A row for each policy, with all answers.</returns>
    /// <exception cref="EvaluationException">The task cannot be made at this length.</exception>
    public async Task<IReadOnlyList<EvaluationRow>> RunAsync(EvaluationCell cell, Action<int> onTokens, CancellationToken cancellationToken)
    {
        IEvaluationTask task = EvaluationTasks.Create(cell.Task, plan.Options);
        var turns = new EngineTurns(engine, onTokens);
        PolicyTally[] tallies = [.. cell.Policies.Select(policy => new PolicyTally(policy))];
        EngineSequence? sequence = null;
        int[] previous = [];
        long tokens = 0, computed = 0;
        double seconds = 0;
        SequenceMemory memory = default;
        try
        {
            for (int i = 0; i < plan.Samples; i++)
            {
                EvaluationSample sample = CreateSample(task, cell, i);
                FramedSample framed = _frame.Frame(sample, task.IsMessage);
                if (sequence is not null && plan.Ingest is null)
                {
                    await sequence.DisposeAsync();
                    sequence = null;
                }
                sequence ??= Open(plan.Ingest ?? cell.Policies[0]);
                int kept = await ReturnAsync(sequence, previous, framed.Context, cancellationToken);
                TurnResult read = await turns.RunAsync(sequence, new EngineTurn { Input = framed.Context.AsMemory(kept) }, null, cancellationToken);
                computed += read.Usage.ComputedTokens;
                seconds += read.Usage.Prefill.TotalSeconds;
                tokens += framed.Context.Length + (task.IsMessage ? framed.Questions.Max(question => question.Length) : 0);
                memory = sequence.Memory;
                previous = framed.Context;
                foreach (PolicyTally tally in tallies)
                {
                    await SwitchAsync(sequence, tally, cancellationToken);
                    for (int question = 0; question < sample.Questions.Count; question++)
                        await AskAsync(turns, sequence, tally, i, sample, framed, question, cancellationToken);
                }
            }
        }
        finally
        {
            if (sequence is not null) await sequence.DisposeAsync();
        }
        string model = ModelName(engine.Model);
        return [.. tallies.Select(tally => tally.ToRow(
            plan.Key(cell.Task, tally.Policy, cell.Length, cell.Seed, model), (int)(tokens / plan.Samples), computed / Math.Max(1e-9, seconds), memory))];
    }

    /// <summary>The context of a sample; the same for every policy.</summary>
    public EvaluationSample CreateSample(IEvaluationTask task, EvaluationCell cell, int sample) => task.Create(
        new SampleSeed(cell.Seed, sample), task.IsMessage ? cell.Length - _frame.FrameTokens : cell.Length, _frame.CountTokens);

    internal static string ModelName(LoadedModel model) => $"{model.Id} {model.Fingerprint[..Math.Min(12, model.Fingerprint.Length)]}";

    internal static double Median(IReadOnlyCollection<double> values)
    {
        if (values.Count == 0) return 0;
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private EngineSequence Open(string policy) =>
        engine.Open(new SequenceOptions { PolicyName = policy, PageStore = createStore?.Invoke(), TenantSalt = $"evaluation {++_contexts}" });

    /// <summary>Takes a sequence back to what the next context has in common with the one before it.</summary>
    private async Task<int> ReturnAsync(EngineSequence sequence, int[] previous, int[] next, CancellationToken cancellationToken)
    {
        if (plan.Ingest is null || previous.Length == 0) return 0;
        int kept = Math.Min(previous.AsSpan().CommonPrefixLength(next), next.Length - 1) / StepTokens * StepTokens;
        await sequence.ChangePolicyAsync(plan.Ingest, cancellationToken); // first: its index is cheaper to cut than that of the policy that answered
        await sequence.TruncateAsync(kept, cancellationToken);
        return kept;
    }

    private async Task SwitchAsync(EngineSequence sequence, PolicyTally tally, CancellationToken cancellationToken)
    {
        if (plan.Ingest is null) return;
        long start = Stopwatch.GetTimestamp();
        await sequence.ChangePolicyAsync(tally.Policy, cancellationToken);
        tally.AddSwitch(Stopwatch.GetElapsedTime(start));
    }

    private static FidelityReport FidelityOf(EngineSequence sequence, string policy) =>
        sequence.Fidelity.FirstOrDefault(entry => entry.Policy == policy)?.Report ?? default;

    private static bool? RanksFirst(IReadOnlyList<AttentionReceipt> receipts, int contextTokens, IReadOnlyList<TextRange> planted)
    {
        if (receipts.Count == 0 || planted.Count == 0) return null;
        var readings = new AnswerReadings(contextTokens);
        foreach (AttentionReceipt receipt in receipts) readings.Add(receipt);
        return readings.Rank(1) is [var first]
            && planted.Any(range => range.Start < (first.Page + 1) * KvLayout.PageTokens && range.End > first.Page * KvLayout.PageTokens);
    }

    private async Task AskAsync(
        EngineTurns turns, EngineSequence sequence, PolicyTally tally, int number, EvaluationSample sample, FramedSample framed, int index, CancellationToken cancellationToken)
    {
        EvaluationQuestion question = sample.Questions[index];
        ReadOnlyMemory<int> rest = framed.Questions[index];
        for (int pieces = (rest.Length + MostPieceTokens - 1) / MostPieceTokens; pieces > 1; pieces--)
        {
            int piece = rest.Length / pieces; // even pieces: a single row at the end would look like a decoded token
            await turns.RunAsync(sequence, new EngineTurn { Input = rest[..piece] }, null, cancellationToken);
            rest = rest[piece..];
        }
        var turn = new EngineTurn { Input = rest, MaxNewTokens = question.MaxNewTokens, Sampling = Greedy, ReceiptTokens = plan.Receipts ? ReceiptTokens : 0 };
        FidelityReport before = FidelityOf(sequence, tally.Policy);
        TurnResult said = await turns.RunAsync(sequence, turn, null, cancellationToken);
        tally.AddFidelity(before, FidelityOf(sequence, tally.Policy));

        AttentionShape shape = engine.Model.AttentionShape;
        double keysRead = sequence.AttentionReport.KeysRead / (double)(shape.Layers * shape.KvHeads);
        var answer = new EvaluationAnswer(
            number, question.Kind, question.Depth, framed.Planted[index], question.Told, question.Text, question.Expected, said.Text, question.Score(said.Text))
        {
            ReceiptFirst = RanksFirst(said.Receipts, framed.Context.Length, framed.Planted[index]),
        };
        tally.Add(answer, said, keysRead, sequence.TokenCount);
        tally.IndexBytes = sequence.IndexBytes;
        await sequence.TruncateAsync(framed.Context.Length, cancellationToken);
    }
}
