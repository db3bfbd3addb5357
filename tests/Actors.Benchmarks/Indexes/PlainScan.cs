using Actors.Attention;

namespace Actors.Benchmarks.Indexes;

/// <summary>What the indexes are measured against: every key in fp32, one after the other.</summary>
internal sealed class PlainScan(int headDim) : IKeyIndex
{
    private readonly KeyRows _keys = new(headDim);

    public string Kind => "plain";

    public int Count => _keys.Count;

    public long Bytes => _keys.Bytes;

    public void Append(ReadOnlySpan<float> keys) => _keys.Append(keys);

    public void Learn(ReadOnlySpan<float> queries)
    {
    }

    public void Truncate(int count) => _keys.Truncate(count);

    public int Search(ReadOnlySpan<float> query, int count, Span<int> ids, Span<float> scores, IndexScratch scratch)
    {
        scratch.Best.Reset(Math.Min(count, Count));
        for (int id = 0; id < Count; id++)
        {
            float score = _keys.Score(query, id);
            if (score > scratch.Best.Floor)
                scratch.Best.Offer(id, score);
        }
        scratch.Scored = Count;
        return scratch.Best.Take(ids, scores);
    }

    public void Dispose()
    {
    }
}
