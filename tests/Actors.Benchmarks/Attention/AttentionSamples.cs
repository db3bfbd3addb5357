using Actors.Attention;
using Actors.Kernels;

namespace Actors.Benchmarks.Attention;

/// <summary>Times and counts of decoding steps, and comparisons with exact attention.</summary>
internal sealed class AttentionSamples(AttentionShape shape)
{
    private readonly List<double> _attention = [], _steps = [], _upkeep = [];
    private readonly double[] _recall = new double[shape.Layers * shape.QueryHeads];
    private double _read, _compared, _error;
    private long _pairs, _scored;
    private int _compares;

    public void Count(in ReadCounts counts)
    {
        _pairs += counts.Pairs;
        _scored += counts.Scored;
    }

    public void Compare(in QueryBlock block, in QueryBlock exact, AttentionScratch exactScratch)
    {
        int stride = ValueTile.Stride(block.HeadDim);
        for (int row = 0; row < block.Rows; row++)
        {
            _recall[(block.Layer * shape.QueryHeads) + (block.Head * shape.GroupSize) + row] += Math.Exp(block.Lse[row] - exact.Lse[row]);
            double difference = 0, length = 0;
            for (int i = 0; i < block.HeadDim; i++)
            {
                double truth = exactScratch.TotalSums[(row * stride) + i], delta = block.Scratch.TotalSums[(row * stride) + i] - truth;
                difference += delta * delta;
                length += truth * truth;
            }
            _error += Math.Sqrt(difference / length);
        }
        _compares++;
    }

    /// <summary>Ends a step. Times of the first steps and of those that were compared with exact attention do not count: the caches are not what they would be.</summary>
    public void Add(TimeSpan attention, TimeSpan upkeep, TimeSpan step, int position, bool untimed)
    {
        double keys = (double)shape.Layers * shape.QueryHeads * (position + 1);
        _read += _pairs / keys;
        _compared += _scored / keys;
        (_pairs, _scored) = (0, 0);
        _upkeep.Add(upkeep.TotalMicroseconds);
        if (untimed)
            return;
        _attention.Add(attention.TotalMilliseconds);
        _steps.Add(step.TotalMilliseconds);
    }

    public AttentionRow Row(string policy, int context, double buildSeconds, long bytes)
    {
        double[] recall = [.. _recall.Select(sum => sum / (_compares / (shape.Layers * shape.KvHeads)))];
        return new(
            policy, context, Median(_attention), 0, Median(_steps), 100 * _read / _upkeep.Count, 100 * _compared / _upkeep.Count, recall.Average(), recall.Min(),
            _error / (_compares * shape.GroupSize), buildSeconds, _upkeep.Average(), _upkeep.Average() / (10 * _steps.Average()), bytes / 1e6);
    }

    private static double Median(List<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
