namespace Actors.Server.Evaluation;

/// <summary>One task, length and seed, under policies that have it measured together: all of a plan where one policy reads for them, else one.</summary>
/// <param name="Task">Name of the task.</param>
/// <param name="Length">Length in tokens.</param>
/// <param name="Seed">Seed.</param>
/// <param name="Policies">Policies that are measured.</param>
internal sealed record EvaluationCell(string Task, int Length, long Seed, IReadOnlyList<string> Policies);
