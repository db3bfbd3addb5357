using Actors.Engine;
using Actors.KvCache;

namespace Actors.Server.Evaluation;

/// <summary>Runs a plan cell by cell, short lengths first, and leaves out what was measured before. Not thread-safe.</summary>
/// <param name="engine">Used alone while it lasts.</param>
/// <param name="createStore">Makes an empty page store, or null to keep all pages in memory.</param>
/// <param name="plan">What to run.</param>
internal sealed class EvaluationDriver(InferenceEngine engine, Func<IPageStore>? createStore, EvaluationPlan plan)
{
    private const int WarmUpContext = 1500, WarmUpTokens = 100;

    private readonly EvaluationRunner _questions = new(engine, createStore, plan);
    private readonly PerplexityRunner _perplexity = new(engine, createStore, plan);
    private readonly string _model = EvaluationRunner.ModelName(engine.Model);

    /// <summary>Every row of the plan, in its order.</summary>
    public IReadOnlyList<EvaluationKey> Keys =>
    [
        .. from task in plan.Tasks
           from length in plan.Lengths
           from policy in plan.Policies
           from seed in plan.Seeds
           select plan.Key(task, policy, length, seed, _model),
    ];

    /// <summary>Rows in the order of the plan.</summary>
    public IReadOnlyList<EvaluationRow> Sort(IEnumerable<EvaluationRow> rows)
    {
        var order = Keys.Index().ToDictionary(entry => entry.Item, entry => entry.Index);
        return [.. rows.OrderBy(row => order[row.Key])];
    }

    /// <summary>The cells of the plan without the rows that are there already.</summary>
    /// <param name="has">Whether a row is there already.</param>
    public IReadOnlyList<EvaluationCell> FindMissing(Func<EvaluationKey, bool> has) =>
    [
        .. from length in plan.Lengths
           from task in plan.Tasks
           from seed in plan.Seeds
           let missing = plan.Policies.Where(policy => !has(plan.Key(task, policy, length, seed, _model))).ToArray()
           where missing.Length > 0
           from policies in plan.Ingest is null ? missing.Chunk(1) : [missing]
           select new EvaluationCell(task, length, seed, policies),
    ];

    /// <summary>Runs every policy for a moment, so that the code that is measured later has been compiled.</summary>
    /// <param name="cancellationToken">Stops.</param>
    public async Task WarmUpAsync(CancellationToken cancellationToken)
    {
        var turns = new EngineTurns(engine, static _ => { });
        int vocabulary = engine.Model.Config.Shape.VocabularySize;
        var random = new SeededRandom(0);
        int[] tokens = [.. Enumerable.Range(0, WarmUpContext).Select(_ => random.Next(vocabulary / 2, vocabulary))];
        foreach (string policy in plan.Ingest is null ? plan.Policies : [plan.Ingest, .. plan.Policies])
        {
            await using EngineSequence sequence = engine.Open(new SequenceOptions { PolicyName = policy, TenantSalt = $"warm-up {policy}" });
            await turns.RunAsync(
                sequence, new EngineTurn { Input = tokens, MaxNewTokens = WarmUpTokens, Sampling = new() { Temperature = 0 }, IgnoreEnd = true }, null, cancellationToken);
        }
    }

    /// <summary>Runs one cell.</summary>
    /// <param name="cell">One of <see cref="FindMissing"/>.</param>
    /// <param name="onTokens">Called with the tokens that were computed since the last call.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="EvaluationException">The cell cannot be made.</exception>
    public async Task<IReadOnlyList<EvaluationRow>> RunAsync(EvaluationCell cell, Action<int> onTokens, CancellationToken cancellationToken)
    {
        IReadOnlyList<EvaluationRow> rows = cell.Task == EvaluationTasks.Perplexity
            ? await _perplexity.RunAsync(cell, onTokens, cancellationToken)
            : await _questions.RunAsync(cell, onTokens, cancellationToken);
        return [.. rows.Select(row => row with
        {
            Command = plan.Command, Threads = engine.Model.Pool.Workers, Machine = MeasuringPlace.Machine, Version = MeasuringPlace.Version,
        })];
    }
}
