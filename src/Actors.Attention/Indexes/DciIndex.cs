using System.Numerics.Tensors;

namespace Actors.Attention;

/// <summary>
/// Keys lifted onto a sphere, where the largest product is the smallest distance, and found by prioritised dynamic continuous indexing: along a few random directions near
/// points are met first. A point is in the lowest level and, by a hash of its id, perhaps in those above; each level's points lie in the cells of their nearest points of the level above.
/// </summary>
/// <remarks>
/// Source: arXiv:2405.02842 (IceFormer), arXiv:1703.00440 (Prioritized DCI). Directions come from a fixed seed and cells from earlier points alone, so what was forgotten leaves no trace. When
/// a key is longer than the sphere allows, all are lifted anew onto a larger one.
/// </remarks>
internal sealed class DciIndex : IKeyIndex
{
    private const float Growth = 1.25f;
    private readonly int _headDim, _count;                        // directions
    private readonly KeyIndexOptions _options;
    private readonly KeyRows _keys;
    private readonly List<float> _norms = [], _longest = [];       // of each key, and of all up to it
    private readonly float[] _directions;                         // [directions, headDim + 1]
    private readonly Dictionary<int, DciCell>[] _cells;           // [levels], by the point above; the top level has the cell of -1
    private readonly IndexScratch _scratch = new();
    private readonly float[] _places;
    private float _radius;                                        // of the sphere, 0 before the first key

    public DciIndex(int headDim, KeyIndexOptions options)
    {
        (_headDim, _options, _keys, Field) = (headDim, options, new(headDim), options.DciField);
        _count = options.DciSimple * options.DciComposite;
        _cells = [.. Enumerable.Range(0, options.DciLevels).Select(_ => new Dictionary<int, DciCell>())];
        _places = new float[_count];
        _directions = new float[_count * (headDim + 1)];
        Random random = new(20);
        for (int i = 0; i < _directions.Length; i++)
            _directions[i] = (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        for (int i = 0; i < _count; i++)
            Scale(_directions.AsSpan(i * (headDim + 1), headDim + 1));
    }

    public string Kind => "dci";

    public int Count => _keys.Count;

    public long Bytes => _keys.Bytes + (2L * _norms.Capacity * sizeof(float)) + _cells.Sum(level => level.Values.Sum(cell => cell.Bytes));

    /// <summary>Points of each level whose cells a search opens.</summary>
    internal int Field { get; set; }

    public void Append(ReadOnlySpan<float> keys)
    {
        int first = Count, added = _keys.CheckRows(keys, nameof(keys));
        _keys.Append(keys);
        for (int i = 0; i < added; i++)
        {
            _norms.Add(MathF.Sqrt(RowKernel.Dot(_keys[first + i], _keys[first + i])));
            _longest.Add(_longest.Count == 0 ? _norms[^1] : MathF.Max(_longest[^1], _norms[^1]));
        }
        if (!Resize())
        {
            for (int id = first; id < Count; id++)
                Insert(id);
        }
    }

    public void Learn(ReadOnlySpan<float> queries) => _keys.CheckRows(queries, nameof(queries));

    public void Truncate(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (count >= Count)
            return;
        _keys.Truncate(count);
        _norms.RemoveRange(count, _norms.Count - count);
        _longest.RemoveRange(count, _longest.Count - count);
        if (Resize())
            return;
        foreach (Dictionary<int, DciCell> level in _cells)
        {
            foreach ((int above, DciCell cell) in level)
            {
                cell.Truncate(count);
                if (cell.Count == 0)
                    level.Remove(above);
            }
        }
    }

    public int Search(ReadOnlySpan<float> query, int count, Span<int> ids, Span<float> scores, IndexScratch scratch)
    {
        ArgumentNullException.ThrowIfNull(scratch);
        count = _keys.CheckSearch(query, count, Count, ids, scores);
        scratch.Scored = 0;
        if (count == 0)
            return 0;
        Span<float> places = stackalloc float[_count];
        float norm = MathF.Sqrt(RowKernel.Dot(query, query));
        for (int i = 0; i < _count; i++)
            places[i] = RowKernel.Dot(query, _directions.AsSpan(i * (_headDim + 1), _headDim)) / MathF.Max(norm, float.Epsilon);
        for (int level = _cells.Length - 1; level >= 0; level--)
            Descend(level, query, 0, places, level == 0 ? count : Field, scratch);
        scratch.Dci.Ids.CopyTo(ids);
        scratch.Dci.Scores.CopyTo(scores);
        return scratch.Dci.Count;
    }

    public void Dispose() => Truncate(0);

    // From the points that the level above left in the scratch (none for the top) to the best of this level.
    private void Descend(int level, ReadOnlySpan<float> row, float lift, ReadOnlySpan<float> places, int limit, IndexScratch scratch)
    {
        bool top = level == _cells.Length - 1;
        int parents = top ? 1 : scratch.Dci.Count;
        scratch.Best.Reset(limit);
        for (int i = 0; i < parents; i++)
        {
            if (!_cells[level].TryGetValue(top ? -1 : scratch.Dci.Ids[i], out DciCell? cell))
                continue;
            Span<int> numbers = scratch.Integers(2 * cell.Count);
            int found = cell.Find(places, _options.DciSimple, (int)Math.Ceiling(cell.Count * _options.DciShare), numbers[cell.Count..], numbers);
            for (int j = 0; j < found; j++)
            {
                int id = cell.Id(numbers[j]);
                scratch.Best.Offer(id, RowKernel.Dot(row, _keys[id]) + (lift * Lift(id)));
            }
            scratch.Scored += found;
        }
        scratch.Dci.Take(scratch.Best);
    }

    // A point goes into the cell of the nearest point above it, at every level that it is in.
    private void Insert(int id)
    {
        ReadOnlySpan<float> key = _keys[id];
        float lift = Lift(id);
        for (int i = 0; i < _count; i++)
        {
            ReadOnlySpan<float> direction = _directions.AsSpan(i * (_headDim + 1), _headDim + 1);
            _places[i] = (RowKernel.Dot(key, direction[.._headDim]) + (lift * direction[_headDim])) / _radius;
        }
        int highest = Highest(id);
        for (int level = _cells.Length - 1; level >= 0; level--)
        {
            int above = level == _cells.Length - 1 ? -1 : level < highest ? id : _scratch.Dci.Ids[0];
            // What lies below is searched for before the point itself is there.
            if (level > highest)
                Descend(level, key, lift, _places, _options.DciBuildField, _scratch);
            else
                Add(level, above, id);
        }
    }

    private void Add(int level, int above, int id)
    {
        if (!_cells[level].TryGetValue(above, out DciCell? cell))
            _cells[level].Add(above, cell = new(_count));
        cell.Add(id, _places);
    }

    // The first point is in all levels, so that there always is a way down.
    private int Highest(int id)
    {
        if (id == 0)
            return _cells.Length - 1;
        ulong hash = (ulong)id * 0x9E3779B97F4A7C15;
        hash = (hash ^ (hash >> 30)) * 0xBF58476D1CE4E5B9;
        hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EB;
        hash ^= hash >> 31;
        int level = 0;
        for (ulong branch = (ulong)_options.DciBranch; level < _cells.Length - 1 && hash % branch == 0; level++)
            hash /= branch;
        return level;
    }

    // The last coordinate on the sphere, times its radius.
    private float Lift(int id) => MathF.Sqrt(MathF.Max((_radius * _radius) - (_norms[id] * _norms[id]), 0));

    // A radius that holds all keys and depends on the longest alone; true when it changed and everything was put in anew.
    private bool Resize()
    {
        float radius = _longest.Count == 0 ? 0 : _longest[^1] == 0 ? 1 : MathF.Pow(Growth, MathF.Ceiling(MathF.Log(_longest[^1], Growth)) + 1);
        if (radius == _radius)
            return false;
        _radius = radius;
        foreach (Dictionary<int, DciCell> level in _cells)
            level.Clear();
        for (int id = 0; id < Count; id++)
            Insert(id);
        return true;
    }

    private static void Scale(Span<float> direction) => TensorPrimitives.Divide(direction, TensorPrimitives.Norm<float>(direction), direction);
}
