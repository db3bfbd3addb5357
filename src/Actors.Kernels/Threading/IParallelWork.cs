namespace Actors.Kernels;

/// <summary>Work that is cut into numbered tasks, which <see cref="ComputePool.Run"/> spreads over its workers.</summary>
/// <remarks>Tasks run concurrently and in any order, so each one may write only what no other task reads or writes. What a task
/// computes must depend on its number only, never on <c>worker</c>: that one chooses scratch memory and nothing else.</remarks>
public interface IParallelWork
{
    /// <summary>Runs one task.</summary>
    /// <param name="task">Number of the task, from 0 to the number given to <see cref="ComputePool.Run"/>, exclusive.</param>
    /// <param name="worker">The worker that runs it, from 0 to <see cref="ComputePool.Workers"/>, exclusive; at one moment no other
    /// task runs with this number.</param>
    void Execute(int task, int worker);
}
