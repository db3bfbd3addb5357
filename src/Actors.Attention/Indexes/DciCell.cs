using System.Runtime.InteropServices;

namespace Actors.Attention;

/// <summary>
/// The points below one point of the level above, sorted along every random direction. Points come in the order of their ids and go in the reverse order, so a cell does not
/// remember what was forgotten.
/// </summary>
internal sealed class DciCell(int directions)
{
    private readonly List<int> _ids = [];
    private readonly List<float>[] _places = [.. Enumerable.Range(0, directions).Select(_ => new List<float>())];
    private readonly List<int>[] _order = [.. Enumerable.Range(0, directions).Select(_ => new List<int>())]; // numbers in the cell, by place

    public int Count => _ids.Count;

    public long Bytes => sizeof(int) * (_ids.Capacity + (2L * _places.Sum(places => places.Capacity)));

    public int Id(int number) => _ids[number];

    /// <summary>Adds a point.</summary>
    /// <param name="id">Greater than those that are there.</param>
    /// <param name="places">[directions], where it stands along each.</param>
    public void Add(int id, ReadOnlySpan<float> places)
    {
        for (int i = 0; i < directions; i++)
        {
            int at = UpperBound(_places[i], places[i]);
            _places[i].Insert(at, places[i]);
            _order[i].Insert(at, _ids.Count);
        }
        _ids.Add(id);
    }

    /// <summary>Forgets the points from an id on.</summary>
    public void Truncate(int count)
    {
        int kept = _ids.Count;
        while (kept > 0 && _ids[kept - 1] >= count)
            kept--;
        if (kept == _ids.Count)
            return;
        _ids.RemoveRange(kept, _ids.Count - kept);
        for (int i = 0; i < directions; i++)
        {
            int written = 0;
            for (int at = 0; at < _order[i].Count; at++)
            {
                if (_order[i][at] >= kept)
                    continue;
                (_order[i][written], _places[i][written]) = (_order[i][at], _places[i][at]);
                written++;
            }
            _order[i].RemoveRange(written, _order[i].Count - written);
            _places[i].RemoveRange(written, _places[i].Count - written);
        }
    }

    /// <summary>
    /// Finds points near a query: along all directions of a composite index points are met in the order of their distance, and a point that was met along each of them is a
    /// candidate, until there are enough.
    /// </summary>
    /// <param name="places">[directions], where the query stands.</param>
    /// <param name="simple">Directions of a composite index; neighbouring ones belong together.</param>
    /// <param name="wanted">Candidates of each composite index.</param>
    /// <param name="met">Working memory, at least <see cref="Count"/>.</param>
    /// <param name="numbers">Written: numbers in the cell of the candidates of all composite indices, at least <see cref="Count"/>.</param>
    /// <returns>Candidates.</returns>
    public int Find(ReadOnlySpan<float> places, int simple, int wanted, Span<int> met, Span<int> numbers)
    {
        int found = 0;
        if (wanted >= Count)
        {
            for (; found < Count; found++)
                numbers[found] = found;
            return found;
        }
        met = met[..Count];
        met.Clear();
        Span<int> below = stackalloc int[simple], above = stackalloc int[simple];
        for (int first = 0, composite = 0; first < directions; first += simple, composite++)
        {
            // A point's count of this composite lies above those of the composites before; -1 marks a candidate.
            int complete = (composite + 1) * simple;
            for (int number = 0; number < met.Length; number++)
                met[number] = met[number] < 0 ? -1 : composite * simple;
            for (int i = 0; i < simple; i++)
                below[i] = (above[i] = UpperBound(_places[first + i], places[first + i])) - 1;
            for (int candidates = 0; candidates < wanted && TryNext(places, first, below, above, out int number);)
            {
                if (met[number] < 0 || ++met[number] < complete)
                    continue;
                met[number] = -1;
                numbers[found++] = number;
                candidates++;
            }
        }
        return found;
    }

    // The point that is next along some direction of the composite.
    private bool TryNext(ReadOnlySpan<float> places, int first, Span<int> below, Span<int> above, out int number)
    {
        float nearest = float.PositiveInfinity;
        int direction = -1;
        bool down = false;
        for (int i = 0; i < below.Length; i++)
        {
            ReadOnlySpan<float> sorted = CollectionsMarshal.AsSpan(_places[first + i]);
            if (below[i] >= 0 && places[first + i] - sorted[below[i]] < nearest)
                (nearest, direction, down) = (places[first + i] - sorted[below[i]], i, true);
            if (above[i] < sorted.Length && sorted[above[i]] - places[first + i] < nearest)
                (nearest, direction, down) = (sorted[above[i]] - places[first + i], i, false);
        }
        number = direction < 0 ? 0 : _order[first + direction][down ? below[direction]-- : above[direction]++];
        return direction >= 0;
    }

    private static int UpperBound(List<float> sorted, float value)
    {
        int low = 0, high = sorted.Count;
        while (low < high)
        {
            int middle = (low + high) >> 1;
            if (sorted[middle] <= value)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }
}
