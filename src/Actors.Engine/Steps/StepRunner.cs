using Actors.Models;

namespace Actors.Engine;

/// <summary>
/// Computes a planned step: the layers over all packed rows, attention per sequence, then logits and sampling where the plan wants them.
/// What belongs to one turn and fails is noted in its segment; what the backend throws concerns every row and is passed on.
/// </summary>
internal sealed class StepRunner
{
    private readonly LoadedModel _model;
    private readonly ModelShape _shape;
    private readonly StepBuffers _buffers;
    private readonly AttentionWork _attention;
    private readonly SampleWork _sampling;
    private readonly StepClock _clock;
    private readonly (Segment Segment, int Row)[] _headRows = new (Segment, int)[StepBuffers.HeadRows];

    public StepRunner(LoadedModel model, int maxRows, StepClock clock)
    {
        _model = model;
        _shape = model.Backend.Shape;
        _clock = clock;
        _buffers = new StepBuffers(_shape, maxRows);
        _attention = new AttentionWork(_buffers, _shape.QueryHeads * _shape.HeadDim, model.Pool.Workers);
        _sampling = new SampleWork(_buffers);
    }

    public void Run(StepPlan plan)
    {
        int rows = plan.Rows;
        Span<float> hidden = _buffers.Hidden.AsSpan(0, rows * _shape.HiddenSize);
        int queryWidth = _shape.QueryHeads * _shape.HeadDim;
        int keyWidth = _shape.KvHeads * _shape.HeadDim;
        Span<float> queries = _buffers.Queries.AsSpan(0, rows * queryWidth);
        Span<float> keys = _buffers.Keys.AsSpan(0, rows * keyWidth);
        Span<float> values = _buffers.Values.AsSpan(0, rows * keyWidth);
        Span<float> attended = _buffers.Attended.AsSpan(0, rows * queryWidth);

        _clock.Start();
        for (int i = 0; i < plan.SegmentCount; i++)
            plan[i].Turn.Sequence.StepTokens.Slice(plan[i].FirstToken, plan[i].Rows).CopyTo(_buffers.Tokens.AsSpan(plan[i].FirstRow));
        _model.Backend.Embed(_buffers.Tokens.AsSpan(0, rows), hidden);
        for (int layer = 0; layer < _shape.Layers; layer++)
        {
            _model.Backend.Pre(layer, rows, hidden, queries, keys, values);
            _clock.Lap(StepPhase.Pre);
            Write(plan, layer, keyWidth);
            _clock.Lap(StepPhase.Write);
            _model.Pool.Run(_attention, _attention.Prepare(plan, layer));
            _clock.Lap(StepPhase.Attention);
            _model.Backend.Post(layer, rows, attended, hidden);
            _clock.Lap(StepPhase.Post);
        }
        Commit(plan);
        _clock.Lap(StepPhase.Write);
        RunHead(plan);
    }

    private void Write(StepPlan plan, int layer, int keyWidth)
    {
        for (int i = 0; i < plan.SegmentCount; i++)
        {
            Segment segment = plan[i];
            if (segment.Failure is not null)
                continue;
            try
            {
                int offset = segment.FirstRow * keyWidth;
                int width = segment.Rows * keyWidth;
                segment.Turn.Sequence.Table.Write(
                    layer, segment.FirstToken, segment.Rows, _buffers.Keys.AsSpan(offset, width), _buffers.Values.AsSpan(offset, width));
            }
            catch (Exception exception)
            {
                segment.Failure = exception;
            }
        }
    }

    private void Commit(StepPlan plan)
    {
        for (int i = 0; i < plan.SegmentCount; i++)
        {
            Segment segment = plan[i];
            if (segment.Failure is not null)
                continue;
            try
            {
                segment.Turn.Sequence.Commit(_buffers.Tokens.AsSpan(segment.FirstRow, segment.Rows));
            }
            catch (Exception exception)
            {
                segment.Failure = exception;
            }
        }
    }

    private void RunHead(StepPlan plan)
    {
        int slice = 0;
        for (int i = 0; i < plan.SegmentCount; i++)
        {
            Segment segment = plan[i];
            for (int row = segment.Rows - segment.LogitRows; row < segment.Rows && segment.Failure is null; row++)
            {
                _buffers.Hidden.AsSpan((segment.FirstRow + row) * _shape.HiddenSize, _shape.HiddenSize)
                    .CopyTo(_buffers.HeadInput.AsSpan(slice * _shape.HiddenSize));
                _headRows[slice] = (segment, row);
                if (++slice == StepBuffers.HeadRows)
                {
                    RunHeadSlice(slice);
                    slice = 0;
                }
            }
        }
        if (slice > 0)
            RunHeadSlice(slice);
    }

    private void RunHeadSlice(int rows)
    {
        _model.Backend.Head(rows, _buffers.HeadInput.AsSpan(0, rows * _shape.HiddenSize), _buffers.ReserveLogits(rows));
        _clock.Lap(StepPhase.Head);
        _sampling.Clear();
        for (int i = 0; i < rows; i++)
        {
            (Segment segment, int row) = _headRows[i];
            bool last = row == segment.Rows - 1;
            if (segment.ReportsLogits(row))
                segment.Turn.Emit(new EngineEvent.Logits(segment.FirstToken + row, _buffers.Logits(i).ToArray()));
            if (last && segment.Samples)
                _sampling.Set(i, segment);
        }
        _model.Pool.Run(_sampling, rows);
        _clock.Lap(StepPhase.Sample);
    }
}
