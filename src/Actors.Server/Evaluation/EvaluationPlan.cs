namespace Actors.Server.Evaluation;

/// <summary>What to run.</summary>
/// <param name="Task">The kind of test.</param>
/// <param name="Policies">Attention policies, one row each.</param>
/// <param name="Lengths">Lengths in tokens, one row each.</param>
/// <param name="Samples">Contexts per row.</param>
/// <param name="Seed">Equal seeds give equal contexts.</param>
internal sealed record EvaluationPlan(IEvaluationTask Task, IReadOnlyList<string> Policies, IReadOnlyList<int> Lengths, int Samples, long Seed)
{
    /// <summary>The context of a sample; the same for every policy.</summary>
    public EvaluationSample CreateSample(int sample, int length, Func<string, int> countTokens) =>
        Task.Create(new SeededRandom(Seed).Fork(sample), length, countTokens);
}
