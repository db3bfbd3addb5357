using Actors.Kernels;
using Actors.KvCache;

namespace Actors.Attention;

/// <summary>
/// Attention of the rows of one query block that share a KV head: token rows times the query heads of the group, row = token * groupSize +
/// head. Keys are read tile by tile (64 tokens) in a fixed order into a running softmax; parts with their own softmax (key ranges, distant
/// keys) are merged by their LSE in a fixed order. A row's bits depend on its position and on the keys alone.
/// </summary>
internal readonly ref partial struct QueryBlock
{
    private readonly AttentionScratch _scratch;
    private readonly PageTable _table;
    private readonly KvLayout _layout;
    private readonly KvElement _element;
    private readonly RotaryEmbedding _rope;
    private readonly int _layer;
    private readonly int _valueLayer;
    private readonly int _head;
    private readonly int _groupSize;
    private readonly int _firstPosition;
    private readonly int _rows;
    private readonly int _headDim;
    private readonly int _stride;
    private readonly ReadOnlySpan<float> _queryScales;

    public QueryBlock(
        AttentionScratch scratch, SequenceContext sequence, int layer, int head, int firstPosition, int tokens, int? valueLayer = null)
    {
        _scratch = scratch;
        _table = sequence.Table;
        _layout = sequence.Table.Layout;
        _element = sequence.Element;
        _rope = sequence.Rope;
        _layer = layer;
        _valueLayer = valueLayer ?? layer;
        _head = head;
        _groupSize = sequence.Shape.GroupSize;
        _firstPosition = firstPosition;
        _rows = tokens * sequence.Shape.GroupSize;
        _headDim = sequence.Shape.HeadDim;
        _stride = ValueTile.Stride(sequence.Shape.HeadDim);
        _queryScales = sequence.QueryScales(layer, head);
        scratch.Reserve(_rows, _headDim);
    }

    /// <summary>Keys of one softmax part; a long window is read in parts that end at its multiples.</summary>
    public const int RangeTokens = 2048;

    /// <summary>Layer of the keys, and of what readers keep about them.</summary>
    public int Layer => _layer;

    /// <summary>Layer of the values: another one where layers share their attention weights.</summary>
    public int ValueLayer => _valueLayer;

    public int Head => _head;

    /// <summary>Position of the first token.</summary>
    public int FirstPosition => _firstPosition;

    /// <summary>Query heads that share the KV head.</summary>
    public int GroupSize => _groupSize;

    public int HeadDim => _headDim;

    /// <summary>Tokens times <see cref="GroupSize"/>: row = token * GroupSize + query head in the group.</summary>
    public int Rows => _rows;

    public int Tokens => _rows / _groupSize;

    /// <summary>Working memory of the worker.</summary>
    public AttentionScratch Scratch => _scratch;

    /// <summary>Position of a row's token.</summary>
    public int Position(int row) => _firstPosition + (row / _groupSize);

    /// <summary>A row's query, scaled by 1/sqrt(headDim) and its head's temperature, before RoPE.</summary>
    public ReadOnlySpan<float> Query(int row) => _scratch.Queries.AsSpan(row * _headDim, _headDim);

    /// <summary>A row's query as the last rotation left it: scores are its products with keys.</summary>
    public ReadOnlySpan<float> Rotated(int row) => _scratch.Rotated.AsSpan(row * _headDim, _headDim);

    /// <summary>[rows], LSE of everything read so far, natural logarithm.</summary>
    public ReadOnlySpan<float> Lse => _scratch.TotalLse.AsSpan(0, _rows);

    /// <summary>Takes the queries over, scaled, and starts with an empty result.</summary>
    /// <param name="queries">[tokens, queryHeads, headDim] of the block.</param>
    /// <param name="queryHeads">Query heads of the model.</param>
    public void Load(ReadOnlySpan<float> queries, int queryHeads)
    {
        for (int row = 0; row < _rows; row++)
        {
            int source = ((row / _groupSize * queryHeads) + (_head * _groupSize) + (row % _groupSize)) * _headDim;
            float scale = _queryScales[row % _groupSize];
            for (int i = 0; i < _headDim; i++)
                _scratch.Queries[(row * _headDim) + i] = queries[source + i] * scale;
        }
        Clear();
    }

    /// <summary>Empties the result.</summary>
    public void Clear()
    {
        _scratch.TotalSums.AsSpan(0, _rows * _stride).Clear();
        _scratch.TotalLse.AsSpan(0, _rows).Fill(float.NegativeInfinity);
    }

    /// <summary>Writes the result.</summary>
    /// <param name="output">[tokens, queryHeads, headDim] of the block.</param>
    /// <param name="queryHeads">Query heads of the model.</param>
    public void Store(Span<float> output, int queryHeads)
    {
        for (int row = 0; row < _rows; row++)
        {
            int target = ((row / _groupSize * queryHeads) + (_head * _groupSize) + (row % _groupSize)) * _headDim;
            _scratch.TotalSums.AsSpan(row * _stride, _headDim).CopyTo(output[target..]);
        }
    }

    /// <summary>Copies the partial result out: per row headDim values and the LSE.</summary>
    public void StorePartial(Span<float> partial)
    {
        for (int row = 0; row < _rows; row++)
        {
            Span<float> target = partial.Slice(row * (_headDim + 1), _headDim + 1);
            _scratch.TotalSums.AsSpan(row * _stride, _headDim).CopyTo(target);
            target[_headDim] = _scratch.TotalLse[row];
        }
    }

    /// <summary>Merges a partial result of <see cref="StorePartial"/>.</summary>
    public void MergePartial(ReadOnlySpan<float> partial)
    {
        for (int row = 0; row < _rows; row++)
        {
            ReadOnlySpan<float> source = partial.Slice(row * (_headDim + 1), _headDim + 1);
            AttentionState.Merge(_scratch.TotalSums.AsSpan(row * _stride, _headDim), ref _scratch.TotalLse[row], source[.._headDim], source[_headDim]);
        }
    }

    private void Begin()
    {
        _scratch.Sums.AsSpan(0, _rows * _stride).Clear();
        _scratch.Maxima.AsSpan(0, _rows).Fill(float.NegativeInfinity);
        _scratch.Denominators.AsSpan(0, _rows).Clear();
    }

    private void Finish()
    {
        for (int row = 0; row < _rows; row++)
        {
            if (_scratch.Denominators[row] <= 0)
                continue; // saw no key
            Span<float> sums = _scratch.Sums.AsSpan(row * _stride, _headDim);
            System.Numerics.Tensors.TensorPrimitives.Multiply(sums, 1f / _scratch.Denominators[row], sums);
            float lse = _scratch.Maxima[row] + MathF.Log(_scratch.Denominators[row]);
            AttentionState.Merge(_scratch.TotalSums.AsSpan(row * _stride, _headDim), ref _scratch.TotalLse[row], sums, lse);
        }
    }

    private void Count(long pairs, int pages, int groups = 0)
    {
        _scratch.Counts.Pairs += pairs;
        _scratch.Counts.Pages += pages;
        _scratch.Counts.Groups += groups;
    }
}
