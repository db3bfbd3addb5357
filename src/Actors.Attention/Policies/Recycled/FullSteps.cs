using System.Numerics.Tensors;

namespace Actors.Attention;

/// <summary>The full steps of one layer: their positions, ascending, and their queries. Written by the owner thread before the tasks of a step.</summary>
/// <param name="rowFloats">Floats of one position's queries.</param>
/// <param name="options">The schedule.</param>
internal sealed class FullSteps(int rowFloats, RecycledOptions options)
{
    private readonly List<int> _positions = [];
    private readonly List<Half[]> _queries = [];
    private readonly float[] _last = new float[rowFloats];

    public long Bytes => (long)_positions.Count * ((rowFloats * 2) + 32);

    /// <summary>Decides whether a position is a full step, and keeps its queries then. Positions ascending.</summary>
    public void Add(int position, ReadOnlySpan<float> queries)
    {
        int last = _positions.Count == 0 ? -1 : _positions[^1];
        bool full = options.Similarity == 0
            ? position % options.Stride == 0
            : position % options.Check == 0 && (last < 0 || position - last >= options.Stride || Similarity(queries) < options.Similarity);
        if (!full)
            return;
        Half[] kept = new Half[rowFloats];
        TensorPrimitives.ConvertToHalf(queries[..rowFloats], kept);
        _positions.Add(position);
        _queries.Add(kept);
    }

    /// <summary>Forgets positions from one on.</summary>
    public void Truncate(int tokens)
    {
        while (_positions.Count > 0 && _positions[^1] >= tokens)
        {
            _positions.RemoveAt(_positions.Count - 1);
            _queries.RemoveAt(_queries.Count - 1);
        }
    }

    /// <summary>The last full step at or before a position, -1 when none is known.</summary>
    public int Before(int position)
    {
        int found = _positions.BinarySearch(position);
        found = found >= 0 ? found : ~found - 1;
        return found < 0 ? -1 : _positions[found];
    }

    /// <summary>Queries of a full step, [queryHeads, headDim].</summary>
    public void Read(int position, Span<float> queries) => TensorPrimitives.ConvertToSingle(_queries[_positions.BinarySearch(position)], queries);

    private float Similarity(ReadOnlySpan<float> queries)
    {
        TensorPrimitives.ConvertToSingle(_queries[^1], _last);
        return TensorPrimitives.CosineSimilarity(queries[..rowFloats], _last);
    }
}
