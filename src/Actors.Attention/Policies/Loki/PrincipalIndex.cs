using Actors.Kernels;

namespace Actors.Attention;

/// <summary>
/// Keys projected on the directions in which the first of them are longest. A search compares all keys by their projections, which lie together, and returns estimated scores; and it returns
/// ids in ascending order, because a large part of the keys is wanted and is to be read in the order of the pages.
/// </summary>
internal sealed class PrincipalIndex(int headDim, int dimensions, int calibrationKeys) : IKeyIndex
{
    private readonly KeyRows _first = new(headDim);          // the keys that directions are computed from
    private readonly RowTiles _projected = new(dimensions);
    private readonly float[] _row = new float[dimensions];
    private float[] _directions = [];                        // [dimensions, headDim], empty until there are enough keys

    public string Kind => "principal";

    public int Count { get; private set; }

    public long Bytes => _first.Bytes + _projected.Bytes;

    public void Append(ReadOnlySpan<float> keys)
    {
        int added = _first.CheckRows(keys, nameof(keys)), kept = Math.Clamp(calibrationKeys - Count, 0, added);
        _first.Append(keys[..(kept * headDim)]);
        Count += added;
        if (Count < calibrationKeys)
            return;
        if (_directions.Length == 0)
        {
            _directions = PrincipalDirections.Find(_first, dimensions);
            for (int i = 0; i < calibrationKeys; i++)
                Project(_first[i]);
        }
        for (int i = kept; i < added; i++)
            Project(keys.Slice(i * headDim, headDim));
    }

    public void Learn(ReadOnlySpan<float> queries) => _first.CheckRows(queries, nameof(queries));

    public void Truncate(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (count >= Count)
            return;
        Count = count;
        _first.Truncate(count);
        _projected.Truncate(count < calibrationKeys ? 0 : count);
        if (count < calibrationKeys)
            _directions = [];
    }

    public int Search(ReadOnlySpan<float> query, int count, Span<int> ids, Span<float> scores, IndexScratch scratch)
    {
        ArgumentNullException.ThrowIfNull(scratch);
        int wanted = _first.CheckSearch(query, count, Count, ids, scores);
        Span<float> all = scratch.Floats(Math.Max(_projected.Tiles * KeyTile.Tokens, Count));
        if (_directions.Length == 0)
        {
            for (int i = 0; i < Count; i++)
                all[i] = _first.Score(query, i);
        }
        else
        {
            Span<float> projected = stackalloc float[dimensions];
            Project(query, projected);
            _projected.Score(projected, all);
        }
        scratch.Scored = Count;
        int found = TopK.Select(all[..Count], wanted, ids);
        for (int i = 0; i < found; i++)
            scores[i] = all[ids[i]];
        return found;
    }

    public void Dispose() => Truncate(0);

    private void Project(ReadOnlySpan<float> key)
    {
        Project(key, _row);
        _projected.Append(_row);
    }

    private void Project(ReadOnlySpan<float> row, Span<float> projected)
    {
        for (int i = 0; i < dimensions; i++)
            projected[i] = RowKernel.Dot(row, _directions.AsSpan(i * headDim, headDim));
    }
}
