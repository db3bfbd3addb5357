using System.Numerics.Tensors;

namespace Actors.Attention;

/// <summary>
/// Reads window and sinks, and for every query head the keys that an index finds for it. A key enters the index of its (layer, KV head) when it leaves the
/// window, in the space in which it is read: turned by its position, or as it is once the memory stands at one distance.
/// </summary>
/// <remarks>
/// A row must find what it would find decoded alone, so an index is searched only as it is for the row's own view. In a short chunk over the border of two query blocks
/// the owner thread therefore searches for the rows before the border, then lets the index grow. A long chunk, which a policy reads when it is its own
/// prefill, searches the index as it was before the chunk and reads exactly what has left the window since.
/// </remarks>
internal sealed class IndexedReader : MemoryReader
{
    private const int ManyKeys = 1024;
    private readonly IndexedKeys _options;
    private readonly IKeyIndex[] _indexes;    // [layers, kvHeads]
    private readonly bool[] _roped;           // [layers], the space of the layer's indexes
    private readonly EarlyChoices[] _early;   // [layers, kvHeads]
    private readonly StoredQueries[] _samples; // [layers]
    private readonly IndexFeeder _feeder;
    private readonly AttentionScratch _scratch = new();

    public IndexedReader(IAttentionPolicy policy, SequenceContext sequence, IndexedKeys options)
        : base(policy, sequence)
    {
        _options = options;
        _indexes = [.. Enumerable.Range(0, sequence.Heads).Select(_ => options.Create())];
        _early = [.. _indexes.Select(_ => new EarlyChoices())];
        _roped = new bool[sequence.Shape.Layers];
        _samples = [.. _roped.Select(_ => new StoredQueries(sequence.Shape.QueryHeads * sequence.Shape.HeadDim))];
        _feeder = new(sequence, options);
    }

    public override long Bytes => _indexes.Sum(index => index.Bytes) + _samples.Sum(samples => samples.Bytes);

    public override void Prepare(int layer, int firstToken, int rows, ReadOnlySpan<float> queries)
    {
        int rowFloats = Sequence.Shape.QueryHeads * Sequence.Shape.HeadDim;
        _samples[layer].Truncate(firstToken);
        for (int row = 0; row < rows && _options.LearnEvery > 0; row++)
        {
            if ((firstToken + row) % _options.LearnEvery == 0)
                _samples[layer].Add(firstToken + row, queries[(row * rowFloats)..]);
        }
        if (rows > AttentionPolicies.QueryBlockTokens)
            return;
        AttentionView view = Policy.View(firstToken), last = Policy.View(firstToken + rows - 1);
        Advance(layer, view);
        for (int head = 0; head < Sequence.Shape.KvHeads; head++)
            _early[Sequence.HeadIndex(layer, head)].Clear();
        if (last == view)
            return;
        for (int row = 0; view.Distant && Policy.View(firstToken + row) == view; row++)
        {
            for (int head = 0; head < Sequence.Shape.KvHeads; head++)
            {
                QueryBlock block = new(_scratch, Sequence, layer, head, firstToken + row, 1);
                block.Load(queries[(row * rowFloats)..], Sequence.Shape.QueryHeads);
                block.Rotate(view);
                int index = Sequence.HeadIndex(layer, head);
                for (int i = 0; i < block.Rows; i++)
                {
                    Find(block, i, _indexes[index], view);
                    _early[index].Add(firstToken + row, _scratch.Found);
                }
            }
        }
        Advance(layer, last);
    }

    public override void OnCommitted()
    {
        AttentionView view = NextView;
        int tokens = Sequence.Table.TokenCount, memory = view.Distant ? view.WindowStart - view.SinkTokens : 0;
        for (int layer = 0; layer < Sequence.Shape.Layers; layer++)
        {
            _samples[layer].Truncate(tokens);
            for (int head = 0; head < Sequence.Shape.KvHeads; head++)
                _indexes[Sequence.HeadIndex(layer, head)].Truncate(memory);
        }
        if (memory - _indexes[0].Count >= ManyKeys)
            Build(view);
        for (int layer = 0; layer < Sequence.Shape.Layers; layer++)
            Advance(layer, view);
    }

    public override void Dispose()
    {
        foreach (IKeyIndex index in _indexes)
            index.Dispose();
    }

    protected override void ReadMemory(in QueryBlock block, AttentionView view)
    {
        int number = Sequence.HeadIndex(block.Layer, block.Head);
        IKeyIndex index = _indexes[number];
        block.Rotate(view);
        if (_early[number].Holds(block.FirstPosition))
        {
            for (int row = 0; row < block.Rows; row++)
            {
                _early[number].Take(block.FirstPosition, row, block.GroupSize, ref block.Scratch.Counts, out ReadOnlySpan<int> tokens, out ReadOnlySpan<float> scores);
                Read(block, tokens, scores, view, row);
            }
            return;
        }
        int end = _roped[block.Layer] == IsRoped(view) ? view.SinkTokens + index.Count : view.SinkTokens;
        for (int row = 0; row < block.Rows && end > view.SinkTokens; row++)
        {
            Find(block, row, index, view);
            block.Scratch.Counts.Scored += block.Scratch.Found.Scratch.Scored;
            Read(block, block.Scratch.Found.Ids, block.Scratch.Found.Scores, view, row);
        }
        if (end < view.WindowStart)
            block.ReadMemory(end, view.WindowStart, view);
    }

    private static bool IsRoped(AttentionView view) => view.Sinks == SinkPlacement.True;

    private void Read(in QueryBlock block, ReadOnlySpan<int> tokens, ReadOnlySpan<float> scores, AttentionView view, int row)
    {
        if (_options.ExactScores)
            block.ReadFound(tokens, scores, row);
        else
            block.ReadTokens(tokens, view, row, 1);
    }

    private void Find(in QueryBlock block, int row, IKeyIndex index, AttentionView view)
    {
        FoundKeys found = block.Scratch.Found;
        ReadOnlySpan<float> query = block.Rotated(row);
        found.Search(index, query, _options.Wanted(index.Count));
        if (_options.MinimumCosine > -1)
            found.KeepAbove(_options.MinimumCosine * TensorPrimitives.Norm(query));
        found.Shift(view.SinkTokens);
    }

    // Lets a layer's indexes grow to what a view calls memory, which is committed in short chunks: the window is no shorter than a query block.
    private void Advance(int layer, AttentionView view)
    {
        if (!view.Distant)
            return;
        Turn(layer, view);
        for (int head = 0; head < Sequence.Shape.KvHeads; head++)
            _feeder.Feed(_indexes[Sequence.HeadIndex(layer, head)], _samples[layer], layer, head, view);
    }

    // A sequence that was restored, or changed its policy, has all of its keys still to come, and each head's can come on a thread of its own.
    private void Build(AttentionView view)
    {
        for (int layer = 0; layer < Sequence.Shape.Layers; layer++)
            Turn(layer, view);
        Parallel.For(0, _indexes.Length, () => new IndexFeeder(Sequence, _options), (number, _, feeder) =>
        {
            int layer = number / Sequence.Shape.KvHeads;
            feeder.Feed(_indexes[number], _samples[layer], layer, number % Sequence.Shape.KvHeads, view);
            return feeder;
        }, _ => { });
    }

    // The memory changes its place once, when the context outgrows the trained window, or grows back into it.
    private void Turn(int layer, AttentionView view)
    {
        bool roped = IsRoped(view);
        for (int head = 0; head < Sequence.Shape.KvHeads && _roped[layer] != roped; head++)
            _indexes[Sequence.HeadIndex(layer, head)].Truncate(0);
        _roped[layer] = roped;
    }
}
