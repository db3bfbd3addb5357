using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Actors.Kernels;

namespace Actors.Attention;

/// <summary>The memory of one layer: its slots, how far they reach, and what the present block retrieved. Working memory of its own, so that layers are brought forward side by side.</summary>
internal sealed class CamelotLayer
{
    private readonly CamelotOptions _options;
    private readonly SequenceContext _sequence;
    private readonly StoredKeys _stored;
    private readonly AssociativeMemory[] _memories;   // one, or one per KV head
    private readonly int _layer, _dim;
    private float[] _mean = [];                       // [kvHeads, headDim], taken off before comparing; empty when nothing is
    private float[] _keys = [], _units = [], _values = [], _rows = [], _cosines = [];
    private int[] _found = [];

    public CamelotLayer(CamelotOptions options, SequenceContext sequence, int layer)
    {
        (_options, _sequence, _layer) = (options, sequence, layer);
        _stored = new(sequence);
        bool perHead = options.Per == CamelotSharing.Head;
        _dim = perHead ? sequence.Shape.HeadDim : sequence.Shape.KvHeads * sequence.Shape.HeadDim;
        _memories = [.. Enumerable.Range(0, perHead ? sequence.Shape.KvHeads : 1).Select(_ => new AssociativeMemory(_dim, options.Slots, options.Threshold))];
        Current = [.. Enumerable.Range(0, sequence.Shape.KvHeads).Select(_ => new RetrievedSlots(sequence.Shape.HeadDim))];
        End = options.SinkTokens;
    }

    /// <summary>End of the tokens in the memory.</summary>
    public int End { get; private set; }

    /// <summary>[kvHeads], what the block of the newest token retrieved.</summary>
    public RetrievedSlots[] Current { get; }

    public long Bytes => _memories.Sum(memory => memory.Bytes) + Current.Sum(list => list.Bytes);

    /// <summary>Takes in, or back, what it takes to reach an end; replays from the pages when too much would have to be taken back.</summary>
    /// <param name="end">End of the tokens in the memory: a block's start less the window, or the sinks.</param>
    public void MoveTo(int end)
    {
        while (End > end)
            TakeBack();
        while (End < end)
            Absorb();
    }

    /// <summary>Brings a block's list to an end: the tokens right before the block, then those of the block.</summary>
    /// <param name="block">Number of the block; the memory reaches as far as it has to for it.</param>
    /// <param name="lists">[kvHeads], written.</param>
    /// <param name="end">End of the tokens that retrieve.</param>
    public void Retrieve(int block, RetrievedSlots[] lists, int end)
    {
        if (_memories[0].Count == 0)
            return;
        if (lists[0].Block != block)
        {
            foreach (RetrievedSlots list in lists)
                list.Begin(block, Math.Max(0, (block * _options.BlockTokens) - _options.RecentTokens));
        }
        int first = lists[0].End, count = end - first;
        if (count <= 0)
            return;
        ReadKeys(first, count);
        if (_found.Length < count)
            (_found, _cosines) = (new int[count], new float[count]);
        int headDim = _sequence.Shape.HeadDim, heads = _sequence.Shape.KvHeads / _memories.Length;
        for (int i = 0; i < _memories.Length; i++)
        {
            _memories[i].Nearest(_units.AsSpan(i * count * _dim, count * _dim), _found, _cosines);
            for (int head = i * heads; head < (i + 1) * heads; head++)
            {
                ReadOnlySpan<float> mean = _mean.Length == 0 ? [] : _mean.AsSpan(head * headDim, headDim);
                for (int token = 0; token < count; token++)
                    lists[head].Add(_memories[i], _found[token], (head - (i * heads)) * headDim, mean);
            }
        }
    }

    public void Save(Stream stream)
    {
        stream.Write(MemoryMarshal.AsBytes<int>([End, _mean.Length]));
        stream.Write(MemoryMarshal.AsBytes<float>(_mean));
        foreach (AssociativeMemory memory in _memories)
            memory.Save(stream);
    }

    /// <summary>Reads what <see cref="Save"/> wrote into this empty memory.</summary>
    /// <exception cref="InvalidDataException">It is not that.</exception>
    /// <exception cref="EndOfStreamException">It ends too early.</exception>
    public void Load(Stream stream)
    {
        Span<int> numbers = stackalloc int[2];
        stream.ReadExactly(MemoryMarshal.AsBytes(numbers));
        if (numbers[0] <= _options.SinkTokens || (numbers[0] + _options.WindowTokens) % _options.BlockTokens != 0)
            throw new InvalidDataException($"The memory of layer {_layer} ends at {numbers[0]}, where no block ends.");
        if (numbers[1] != 0 && (!_options.Centre || numbers[1] != _sequence.Shape.KvHeads * _sequence.Shape.HeadDim))
            throw new InvalidDataException($"The memory of layer {_layer} has a mean key of {numbers[1]} elements.");
        _mean = new float[numbers[1]];
        stream.ReadExactly(MemoryMarshal.AsBytes(_mean.AsSpan()));
        foreach (AssociativeMemory memory in _memories)
            memory.Load(stream, numbers[0]);
        End = numbers[0];
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        foreach (AssociativeMemory memory in _memories)
            memory.Clear();
        foreach (RetrievedSlots list in Current)
            list.Begin(-1, 0);
        _mean = [];
        End = _options.SinkTokens;
    }

    private void TakeBack()
    {
        int first = 0;
        foreach (AssociativeMemory memory in _memories)
        {
            if (!memory.TryUndo(out first))
            {
                Clear();
                return;
            }
        }
        End = first;
        if (End == _options.SinkTokens)
            _mean = [];
    }

    // The next block that leaves the window.
    private void Absorb()
    {
        if (_options.Centre && _mean.Length == 0)
            FindMean();
        int end = End + _options.BlockTokens - ((End + _options.WindowTokens) % _options.BlockTokens), count = end - End;
        ReadKeys(End, count);
        ReadValues(End, count);
        for (int i = 0; i < _memories.Length; i++)
        {
            int from = i * count * _dim, floats = count * _dim;
            _memories[i].Absorb(End, _keys.AsSpan(from, floats), _units.AsSpan(from, floats), _values.AsSpan(from, floats));
        }
        End = end;
    }

    // Tokens that cannot leave the window before the mean is needed.
    private void FindMean()
    {
        int count = _options.WindowTokens, headDim = _sequence.Shape.HeadDim;
        float[] rows = new float[count * headDim], mean = new float[_sequence.Shape.KvHeads * headDim];
        for (int head = 0; head < _sequence.Shape.KvHeads; head++)
        {
            ReadHead(head, 0, count, rows);
            Span<float> sum = mean.AsSpan(head * headDim, headDim);
            for (int i = 0; i < count; i++)
                TensorPrimitives.Add(sum, rows.AsSpan(i * headDim, headDim), sum);
            TensorPrimitives.Multiply(sum, 1f / count, sum);
        }
        _mean = mean;
    }

    // [memories, tokens, dim] of keys and of keys at length 1.
    private void ReadKeys(int first, int count)
    {
        int headDim = _sequence.Shape.HeadDim;
        Reserve(count);
        for (int head = 0; head < _sequence.Shape.KvHeads; head++)
        {
            ReadHead(head, first, count, _rows);
            if (_mean.Length > 0)
            {
                for (int i = 0; i < count; i++)
                    TensorPrimitives.Subtract(_rows.AsSpan(i * headDim, headDim), _mean.AsSpan(head * headDim, headDim), _rows.AsSpan(i * headDim, headDim));
            }
            Scatter(head, count, _keys);
        }
        for (int i = 0; i < count * _memories.Length; i++)
        {
            ReadOnlySpan<float> key = _keys.AsSpan(i * _dim, _dim);
            TensorPrimitives.Multiply(key, SlotTile.Scale(key), _units.AsSpan(i * _dim, _dim));
        }
    }

    private void ReadValues(int first, int count)
    {
        Reserve(count);
        for (int head = 0; head < _sequence.Shape.KvHeads; head++)
        {
            _stored.ReadValues(_layer, head, first, count, _rows);
            Scatter(head, count, _values);
        }
    }

    private void ReadHead(int head, int first, int count, Span<float> rows)
    {
        int headDim = _sequence.Shape.HeadDim;
        _stored.Read(_layer, head, first, count, roped: false, rows);
        if (_options.Positions == CamelotPositions.Constant)
            return;
        RotaryTables tables = _sequence.Rope.Tables;
        for (int i = 0; i < count; i++)
        {
            int place = (first + i) % _options.BlockTokens;
            Span<float> row = rows.Slice(i * headDim, headDim);
            tables.RotateInSegment(row, place, row);
            tables.RotateSegments(row, place / RotaryTables.SegmentTokens, row);
        }
    }

    // Rows of one head to where they stand in [memories, tokens, dim].
    private void Scatter(int head, int count, float[] target)
    {
        int headDim = _sequence.Shape.HeadDim, heads = _sequence.Shape.KvHeads / _memories.Length;
        for (int i = 0; i < count; i++)
            _rows.AsSpan(i * headDim, headDim).CopyTo(target.AsSpan((((head / heads * count) + i) * _dim) + (head % heads * headDim)));
    }

    private void Reserve(int count)
    {
        int floats = count * _memories.Length * _dim;
        if (_keys.Length < floats)
            (_keys, _units, _values, _rows) = (new float[floats], new float[floats], new float[floats], new float[floats]);
    }
}
