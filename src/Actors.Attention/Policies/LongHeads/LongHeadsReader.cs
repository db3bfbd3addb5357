using Actors.KvCache;

namespace Actors.Attention;

/// <summary>Keeps a feature per chunk and head, and reads chosen chunks where they were moved to.</summary>
internal sealed class LongHeadsReader : MemoryReader
{
    private readonly LongHeadsOptions _options;
    private readonly ChunkPooling _pooling;
    private readonly RowTiles[] _features;  // [layers, kvHeads, variants]
    private readonly ChunkQueries[] _queries; // [layers] when they pool, else empty
    private readonly int _variants;         // features per chunk and KV head

    /// <summary>Binds the policy to a sequence.</summary>
    public LongHeadsReader(IAttentionPolicy policy, LongHeadsOptions options, SequenceContext sequence)
        : base(policy, sequence)
    {
        _options = options;
        _pooling = new(sequence, options.ChunkTokens);
        bool byQueries = options.Feature == LongHeadsFeature.Queries;
        _variants = byQueries ? sequence.Shape.GroupSize : 1;
        _features = [.. Enumerable.Range(0, sequence.Heads * _variants).Select(_ => new RowTiles(sequence.Shape.HeadDim))];
        _queries = [.. Enumerable.Range(0, byQueries ? sequence.Shape.Layers : 0).Select(_ => new ChunkQueries(options.ChunkTokens, sequence.Shape.QueryHeads * sequence.Shape.HeadDim))];
    }

    public override long Bytes => _features.Sum(features => features.Bytes) + _queries.Sum(queries => queries.Bytes);

    public override void Prepare(int layer, int firstToken, int rows, ReadOnlySpan<float> queries)
    {
        if (_queries.Length == 0)
        {
            Extend(layer, Policy.View(firstToken + rows - 1).WindowStart);
            return;
        }
        int floats = queries.Length / rows;
        for (int done = 0; done < rows; Extend(layer, firstToken + done))
            done += _queries[layer].Add(firstToken + done, queries[(done * floats)..]);
    }

    public override void OnCommitted()
    {
        int tokens = Sequence.Table.TokenCount;
        foreach (RowTiles features in _features)
            features.Truncate(tokens / _options.ChunkTokens);
        foreach (ChunkQueries queries in _queries)
            queries.Truncate(tokens);
        for (int layer = 0; layer < Sequence.Shape.Layers; layer++)
            Extend(layer, _queries.Length == 0 ? NextView.WindowStart : tokens);
    }

    public override void Dispose()
    {
        foreach (RowTiles features in _features)
            features.Truncate(0);
    }

    protected override void ReadMemory(in QueryBlock block, AttentionView view)
    {
        int chunk = _options.ChunkTokens, chunkGroups = chunk / KvLayout.GroupTokens, end = view.WindowStart / chunk, count = (_options.BudgetTokens / chunk) - 3;
        int first = Sequence.HeadIndex(block.Layer, block.Head) * _variants, together = _options.Heads == HeadChoice.Each ? 1 : block.GroupSize;
        ChunkChoice choice = block.Scratch.Chunks;
        for (int row = 0; row < block.Rows; row += together)
        {
            for (int i = row; i < row + together; i++)
                choice.Rank(_features[first + (i % block.GroupSize % _variants)], block, i, _options.Heads, first: i == row);
            block.Scratch.Counts.Scored += end;
            choice.Take(end, count, chunkGroups);
            block.RotateAt((choice.Groups.Length * KvLayout.GroupTokens) + block.Position(row) - view.WindowStart);
            block.ReadGroups(choice.Groups, choice.Places, row, together);
        }
    }

    // Features of all chunks that end before a token.
    private void Extend(int layer, int endToken)
    {
        int chunk = _options.ChunkTokens, groupSize = Sequence.Shape.GroupSize, headDim = Sequence.Shape.HeadDim;
        Span<float> feature = stackalloc float[headDim];
        for (int head = 0; head < Sequence.Shape.KvHeads; head++)
        {
            int first = Sequence.HeadIndex(layer, head) * _variants;
            while ((_features[first].Count + 1) * chunk <= endToken)
            {
                int next = _features[first].Count;
                _pooling.Load(layer, head, next);
                for (int variant = 0; variant < _variants; variant++)
                {
                    if (_queries.Length > 0 && _queries[layer].Holds(next))
                    {
                        for (int i = 0; i < chunk; i++)
                            _pooling.Ask(_queries[layer].Row(i).Slice(((head * groupSize) + variant) * headDim, headDim), i);
                    }
                    else
                    {
                        _pooling.AskByKeys();
                    }
                    _pooling.Finish(feature);
                    _features[first + variant].Append(feature);
                }
            }
        }
    }
}
