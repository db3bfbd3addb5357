using System.Numerics.Tensors;

namespace Actors.Attention;

/// <summary>Clusters of one (layer, KV head) with the mean of each one's values. Ids count from the end of the sinks. One writer; readers only between its calls.</summary>
internal sealed class ClusterMemory(SequenceContext sequence, ClustersOptions options, bool roped)
{
    private readonly KeyRows _values = new(sequence.Shape.HeadDim);

    public KeyClusters Clusters { get; } = new(sequence.Shape.HeadDim, options.SegmentTokens, options.ClusterTokens, options.Rounds, options.Spread);

    public long Bytes => Clusters.Bytes + _values.Bytes;

    /// <summary>Mean of the values of a cluster's keys.</summary>
    public ReadOnlySpan<float> Value(int cluster) => _values[cluster];

    /// <summary>Clusters all segments that end before a token.</summary>
    public void Extend(int layer, int head, int endToken, StoredKeys stored)
    {
        int segment = options.SegmentTokens, headDim = sequence.Shape.HeadDim;
        float[] rows = [];
        for (int first = Next; first + segment <= endToken; first = Next)
        {
            if (rows.Length == 0)
                rows = new float[segment * headDim];
            int before = Clusters.Count, start = Clusters.Clustered;
            stored.Read(layer, head, first, segment, roped, rows);
            Clusters.Append(rows);
            stored.ReadValues(layer, head, first, segment, rows);
            float[] mean = new float[headDim];
            for (int cluster = before; cluster < Clusters.Count; cluster++)
            {
                Array.Clear(mean);
                foreach (int id in Clusters.Members(cluster))
                    TensorPrimitives.Add(mean, rows.AsSpan((id - start) * headDim, headDim), mean);
                TensorPrimitives.Divide(mean, Clusters.Size(cluster), mean);
                _values.Append(mean);
            }
        }
    }

    /// <summary>Forgets the segments that do not end before a token.</summary>
    public void Truncate(int tokens)
    {
        Clusters.Truncate(Math.Max(tokens - options.Memory.SinkTokens, 0));
        _values.Truncate(Clusters.Count);
    }

    private int Next => options.Memory.SinkTokens + Clusters.Clustered;
}
