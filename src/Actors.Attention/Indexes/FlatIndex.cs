namespace Actors.Attention;

/// <summary>Compares a query with every key: the exact answer, for short contexts and as the measure of the others.</summary>
internal sealed class FlatIndex(int headDim) : IKeyIndex
{
    private readonly KeyRows _keys = new(headDim);

    public string Kind => "flat";

    public int Count => _keys.Count;

    public long Bytes => _keys.Bytes;

    public void Append(ReadOnlySpan<float> keys) => _keys.Append(keys);

    public void Learn(ReadOnlySpan<float> queries) => _keys.CheckRows(queries, nameof(queries));

    public void Truncate(int count) => _keys.Truncate(count);

    public int Search(ReadOnlySpan<float> query, int count, Span<int> ids, Span<float> scores, IndexScratch scratch)
    {
        ArgumentNullException.ThrowIfNull(scratch);
        scratch.Best.Reset(_keys.CheckSearch(query, count, Count, ids, scores));
        for (int id = 0; id < Count; id++)
            scratch.Best.Offer(id, _keys.Score(query, id));
        scratch.Scored = Count;
        return scratch.Best.Take(ids, scores);
    }

    public void Dispose() => _keys.Truncate(0);
}
