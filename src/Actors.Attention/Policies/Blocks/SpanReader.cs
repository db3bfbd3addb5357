using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Actors.KvCache;

namespace Actors.Attention;

/// <summary>Cuts what leaves the window into spans, keeps what stands for each, and reads the best.</summary>
internal sealed class SpanReader : MemoryReader
{
    private readonly BlocksOptions _options;
    private readonly SpanOptions _spans;
    private readonly SpanFinder _finder;
    private readonly SpanMap _map;
    private readonly StoredKeys _stored;
    private readonly List<int>[] _starts;   // [layers], first token of each span
    private readonly List<int>[] _segments; // [layers], spans before the end of each segment
    private readonly RowTiles[] _rows;      // [layers, kvHeads], [greatest, least] or the mean twice

    /// <summary>Binds the policy to a sequence.</summary>
    public SpanReader(IAttentionPolicy policy, BlocksOptions options, SpanOptions spans, SequenceContext sequence)
        : base(policy, sequence)
    {
        _options = options;
        _spans = spans;
        _finder = new(spans);
        _map = new(sequence, spans.SegmentTokens);
        _stored = new(sequence);
        _starts = [.. Enumerable.Range(0, sequence.Shape.Layers).Select(_ => new List<int>())];
        _segments = [.. Enumerable.Range(0, sequence.Shape.Layers).Select(_ => new List<int>())];
        _rows = [.. Enumerable.Range(0, sequence.Heads).Select(_ => new RowTiles(2 * sequence.Shape.HeadDim))];
    }

    public override long Bytes => _rows.Sum(rows => rows.Bytes) + _starts.Sum(starts => starts.Capacity * (long)sizeof(int));

    public override void Prepare(int layer, int firstToken, int rows, ReadOnlySpan<float> queries) => Extend(layer, firstToken + rows);

    public override void OnCommitted()
    {
        int tokens = Sequence.Table.TokenCount, segments = Math.Max(tokens - _options.SinkTokens, 0) / _spans.SegmentTokens;
        for (int layer = 0; layer < Sequence.Shape.Layers; layer++)
        {
            Truncate(layer, segments);
            Extend(layer, tokens);
        }
    }

    public override void Dispose()
    {
        for (int layer = 0; layer < Sequence.Shape.Layers; layer++)
            Truncate(layer, 0);
    }

    protected override void ReadMemory(in QueryBlock block, AttentionView view)
    {
        block.Rotate(view);
        ReadOnlySpan<int> starts = CollectionsMarshal.AsSpan(_starts[block.Layer]);
        RowTiles rows = _rows[Sequence.HeadIndex(block.Layer, block.Head)];
        int end = starts.BinarySearch(view.WindowStart); // spans that begin before the window; the last of them may reach into it
        end = end < 0 ? ~end : end;
        block.ReadTokens(block.Scratch.Spans.Choose(rows, starts[..end], view.WindowStart, block, _options.Selection.KeptGroups * KvLayout.GroupTokens), view, 0, block.Rows);
    }

    // A segment is cut when all of its tokens are there, whether in the window or before it; it is no longer than the window, so what is before the window is always cut.
    private void Extend(int layer, int endToken)
    {
        List<int> starts = _starts[layer], segments = _segments[layer];
        for (int first = Next(segments); first + _spans.SegmentTokens <= endToken; first = Next(segments))
        {
            int before = starts.Count;
            _finder.Find(_map.Compute(layer, first), starts, first);
            segments.Add(starts.Count);
            for (int head = 0; head < Sequence.Shape.KvHeads; head++)
                Summarise(layer, head, first, CollectionsMarshal.AsSpan(starts)[before..]);
        }
    }

    private int Next(List<int> segments) => _options.SinkTokens + (segments.Count * _spans.SegmentTokens);

    private void Summarise(int layer, int head, int first, ReadOnlySpan<int> starts)
    {
        int headDim = Sequence.Shape.HeadDim, tokens = _spans.SegmentTokens;
        float[] keys = new float[tokens * headDim], row = new float[2 * headDim];
        Span<float> most = row.AsSpan(0, headDim), least = row.AsSpan(headDim);
        _stored.Read(layer, head, first, tokens, roped: false, keys);
        for (int i = 0; i < starts.Length; i++)
        {
            int from = starts[i] - first, to = i + 1 < starts.Length ? starts[i + 1] - first : tokens;
            keys.AsSpan(from * headDim, headDim).CopyTo(most);
            keys.AsSpan(from * headDim, headDim).CopyTo(least);
            for (int token = from + 1; token < to; token++)
            {
                ReadOnlySpan<float> key = keys.AsSpan(token * headDim, headDim);
                if (_spans.Index == SpanIndexKind.Mean)
                {
                    TensorPrimitives.Add(most, key, most);
                    continue;
                }
                TensorPrimitives.Max(most, key, most);
                TensorPrimitives.Min(least, key, least);
            }
            if (_spans.Index == SpanIndexKind.Mean)
            {
                TensorPrimitives.Divide(most, to - from, most);
                most.CopyTo(least);
            }
            _rows[Sequence.HeadIndex(layer, head)].Append(row);
        }
    }

    private void Truncate(int layer, int segments)
    {
        if (segments >= _segments[layer].Count)
            return;
        int spans = segments == 0 ? 0 : _segments[layer][segments - 1];
        _segments[layer].RemoveRange(segments, _segments[layer].Count - segments);
        _starts[layer].RemoveRange(spans, _starts[layer].Count - spans);
        for (int head = 0; head < Sequence.Shape.KvHeads; head++)
            _rows[Sequence.HeadIndex(layer, head)].Truncate(spans);
    }
}
