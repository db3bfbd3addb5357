using Actors.Attention;
using Actors.Kernels;

namespace Actors.Engine;

/// <summary>
/// The attention of one layer for all segments of a step as one list of independent tasks. A segment that fails stops alone: its rows
/// hold rubbish afterwards, which no other row ever reads.
/// </summary>
internal sealed class AttentionWork : IParallelWork
{
    private readonly AttentionScratch[] _scratch;
    private readonly StepBuffers _buffers;
    private readonly int _rowWidth;
    private int[] _firstTask = new int[16];
    private StepPlan _plan = null!;
    private int _layer;

    public AttentionWork(StepBuffers buffers, int rowWidth, int workers)
    {
        _buffers = buffers;
        _rowWidth = rowWidth;
        _scratch = new AttentionScratch[workers];
        for (int i = 0; i < workers; i++)
            _scratch[i] = new AttentionScratch();
    }

    /// <summary>Sets the layer up and returns the number of tasks.</summary>
    public int Prepare(StepPlan plan, int layer)
    {
        (_plan, _layer) = (plan, layer);
        if (_firstTask.Length <= plan.SegmentCount)
            _firstTask = new int[plan.SegmentCount * 2];
        int tasks = 0;
        for (int i = 0; i < plan.SegmentCount; i++)
        {
            Segment segment = plan[i];
            _firstTask[i] = tasks;
            if (layer == 0)
                (segment.Turn.Sequence.Attention.Trace, segment.Turn.Sequence.Attention.Spans) = (segment.Samples ? segment.Turn.Trace : null, segment.Turn.Request.Spans);
            if (segment.Failure is null)
                tasks += segment.Turn.Sequence.Attention.Prepare(layer, segment.Rows, _buffers.Queries.AsSpan(segment.FirstRow * _rowWidth, segment.Rows * _rowWidth));
        }
        _firstTask[plan.SegmentCount] = tasks;
        return tasks;
    }

    /// <inheritdoc/>
    public void Execute(int task, int worker)
    {
        int index = Array.BinarySearch(_firstTask, 0, _plan.SegmentCount + 1, task);
        if (index < 0)
            index = ~index - 1;
        // Failed segments have no tasks: skip to the last segment that begins at this task.
        while (_firstTask[index + 1] <= task)
            index++;
        Segment segment = _plan[index];
        if (segment.Failure is not null)
            return;
        try
        {
            int offset = segment.FirstRow * _rowWidth;
            int width = segment.Rows * _rowWidth;
            segment.Turn.Sequence.Attention.Execute(
                _layer, task - _firstTask[index], segment.FirstToken, segment.Rows,
                _buffers.Queries.AsSpan(offset, width), _buffers.Attended.AsSpan(offset, width), _scratch[worker]);
        }
        catch (Exception exception)
        {
            segment.Failure = exception;
        }
    }
}
