using Actors.Kernels;

namespace Actors.Engine;

/// <summary>Samples the rows of one head slice, a task per row. Rows are of different turns, so that no state is shared.</summary>
internal sealed class SampleWork(StepBuffers buffers) : IParallelWork
{
    private readonly Segment?[] _segments = new Segment?[StepBuffers.HeadRows];

    public void Clear() => Array.Clear(_segments);

    /// <summary>Names the segment that row <paramref name="row"/> of the slice decides the next token of.</summary>
    public void Set(int row, Segment segment) => _segments[row] = segment;

    /// <inheritdoc/>
    public void Execute(int task, int worker)
    {
        if (_segments[task] is not { Failure: null } segment)
            return;
        try
        {
            segment.Sampled = segment.Turn.Output!.Sample(buffers.Logits(task));
        }
        catch (Exception exception)
        {
            segment.Failure = exception;
        }
    }
}
