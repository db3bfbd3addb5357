using System.Numerics.Tensors;

namespace Actors.Attention;

/// <summary>Queries of some positions of one layer, 16-bit. Written by the owner thread before the tasks of a step.</summary>
/// <param name="rowFloats">Floats of one position's queries, all heads.</param>
internal sealed class StoredQueries(int rowFloats)
{
    private readonly List<int> _positions = [];
    private readonly List<Half[]> _queries = [];

    public int Count => _positions.Count;

    public long Bytes => (long)_positions.Count * ((rowFloats * 2) + 32);

    /// <summary>Position of an entry; they ascend.</summary>
    public int Position(int index) => _positions[index];

    /// <summary>Keeps the queries of a position after all others.</summary>
    public void Add(int position, ReadOnlySpan<float> queries)
    {
        Half[] kept = new Half[rowFloats];
        TensorPrimitives.ConvertToHalf(queries[..rowFloats], kept);
        _positions.Add(position);
        _queries.Add(kept);
    }

    /// <summary>Forgets positions from one on.</summary>
    public void Truncate(int tokens)
    {
        int kept = FirstFrom(tokens);
        _positions.RemoveRange(kept, Count - kept);
        _queries.RemoveRange(kept, _queries.Count - kept);
    }

    /// <summary>The first entry at or after a position.</summary>
    public int FirstFrom(int position)
    {
        int found = _positions.BinarySearch(position);
        return found >= 0 ? found : ~found;
    }

    /// <summary>Queries of an entry, [queryHeads, headDim].</summary>
    public void Read(int index, Span<float> queries) => TensorPrimitives.ConvertToSingle(_queries[index], queries);
}
