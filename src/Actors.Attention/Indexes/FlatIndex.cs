using System.Runtime.Intrinsics;

namespace Actors.Attention;

/// <summary>
/// Compares a query with every key, and is exact: 8-bit bounds are scanned, and keys whose bound beats the worst of the best so far are scored truly.
/// For short contexts, as the measure of the others, and often the fastest for small heads: a scan reads memory in order.
/// </summary>
internal sealed class FlatIndex(int headDim) : IKeyIndex
{
    private readonly KeyRows _keys = new(headDim);
    private readonly RoundedKeys _rounded = new(headDim);

    public string Kind => "flat";

    public int Count => _keys.Count;

    public long Bytes => _keys.Bytes + _rounded.Bytes;

    public void Append(ReadOnlySpan<float> keys)
    {
        _keys.Append(keys);
        while (_rounded.Count < Count)
            _rounded.Append(_keys[_rounded.Count]);
    }

    public void Learn(ReadOnlySpan<float> queries) => _keys.CheckRows(queries, nameof(queries));

    public void Truncate(int count)
    {
        _keys.Truncate(count);
        _rounded.Truncate(count);
    }

    public int Search(ReadOnlySpan<float> query, int count, Span<int> ids, Span<float> scores, IndexScratch scratch)
    {
        ArgumentNullException.ThrowIfNull(scratch);
        count = _keys.CheckSearch(query, count, Count, ids, scores);
        BestKeys best = scratch.Best;
        best.Reset(count);
        scratch.Scored = count == 0 ? 0 : Count;
        Span<int> pairs = scratch.Integers(_rounded.Pairs);
        RoundedQuery rounded = _rounded.Round(query, pairs);
        for (int block = 0, blocks = count == 0 ? 0 : _rounded.Blocks; block < blocks; block++)
        {
            Vector512<float> bound = _rounded.Bound(block, pairs, rounded);
            ulong promising = Vector512.GreaterThan(bound, Vector512.Create(best.Floor)).ExtractMostSignificantBits();
            for (; promising != 0; promising &= promising - 1)
            {
                int id = (block * RoundedKeys.BlockKeys) + System.Numerics.BitOperations.TrailingZeroCount(promising);
                if (id < Count)
                    best.Offer(id, _keys.Score(query, id));
            }
        }
        return best.Take(ids, scores);
    }

    public void Dispose() => Truncate(0);
}
