using System.Runtime.ExceptionServices;

namespace Actors.Attention;

/// <summary>Reads the window, and of the memory the slots that the newest tokens retrieved.</summary>
/// <param name="policy">Says where the window begins.</param>
/// <param name="options">Options.</param>
/// <param name="sequence">The sequence.</param>
internal sealed class CamelotReader(CamelotPolicy policy, CamelotOptions options, SequenceContext sequence) : MemoryReader(policy, sequence)
{
    private const int ParallelBlocks = 16; // a longer replay brings layers forward side by side
    private readonly CamelotLayer[] _layers = [.. Enumerable.Range(0, options.Slots == 0 ? 0 : sequence.Shape.Layers).Select(layer => new CamelotLayer(options, sequence, layer))];
    private readonly List<RetrievedSlots[]> _earlier = []; // of a chunk's blocks before the last, of the present layer
    private readonly Lock _saving = new();
    private int _firstBlock, _lastBlock;
    private bool _disposed;

    public override long Bytes => _layers.Sum(layer => layer.Bytes) + _earlier.Sum(lists => lists.Sum(list => list.Bytes));

    public override bool RowByRow => false;

    public override void Prepare(int layer, int firstToken, int rows, ReadOnlySpan<float> queries)
    {
        if (_layers.Length == 0)
            return;
        int end = firstToken + rows;
        (_firstBlock, _lastBlock) = (firstToken / options.BlockTokens, (end - 1) / options.BlockTokens);
        CamelotLayer memory = _layers[layer];
        foreach (RetrievedSlots list in memory.Current)
            list.Truncate(firstToken);
        for (int block = _firstBlock; block <= _lastBlock; block++)
        {
            memory.MoveTo(EndOf(block));
            memory.Retrieve(block, block == _lastBlock ? memory.Current : Earlier(block - _firstBlock), Math.Min(end, (block + 1) * options.BlockTokens));
        }
    }

    public override void OnCommitted()
    {
        int tokens = Sequence.Table.TokenCount, block = tokens / options.BlockTokens, end = EndOf(block);
        if (_layers.Length == 0)
            return;
        foreach (CamelotLayer layer in _layers)
        {
            foreach (RetrievedSlots list in layer.Current)
            {
                list.Truncate(tokens);
                if (list.Block != block)
                    list.Begin(-1, 0);
            }
        }
        int from = _layers[0].End > end ? options.SinkTokens : _layers[0].End;
        if (end - from < ParallelBlocks * options.BlockTokens)
        {
            foreach (CamelotLayer layer in _layers)
                layer.MoveTo(end);
            return;
        }
        try
        {
            Parallel.ForEach(_layers, layer => layer.MoveTo(end));
        }
        catch (AggregateException exception)
        {
            ExceptionDispatchInfo.Throw(exception.InnerExceptions[0]); // as if layers had come one by one
        }
    }

    public override int SavedTokens => _layers.Length > 0 && _layers[0].End > options.SinkTokens && _layers.All(layer => layer.End == _layers[0].End)
        ? Math.Max(_layers[0].End, options.Centre ? options.WindowTokens : 0)
        : 0;

    public override void Save(Stream stream)
    {
        lock (_saving)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            foreach (CamelotLayer layer in _layers)
                layer.Save(stream);
        }
    }

    public override bool TryLoad(Stream stream)
    {
        int end = EndOf(Sequence.Table.TokenCount / options.BlockTokens);
        bool taken = false;
        try
        {
            foreach (CamelotLayer layer in _layers)
                layer.Load(stream);
            taken = _layers.Length > 0 && _layers.All(layer => layer.End == _layers[0].End) && _layers[0].End <= end;
        }
        catch (IOException)
        {
            // Replayed below.
        }
        catch (InvalidDataException)
        {
            // Likewise.
        }
        foreach (CamelotLayer layer in _layers.Where(_ => !taken))
            layer.Clear();
        return taken;
    }

    public override void Dispose()
    {
        lock (_saving)
            _disposed = true;
        foreach (CamelotLayer layer in _layers)
            layer.Clear();
    }

    protected override void ReadMemory(in QueryBlock block, AttentionView view)
    {
        if (_layers.Length == 0)
            return;
        int number = block.FirstPosition / options.BlockTokens;
        RetrievedSlots slots = (number == _lastBlock ? _layers[block.Layer].Current : _earlier[number - _firstBlock])[block.Head];
        if (slots.Block != number)
            return;
        if (options.Positions == CamelotPositions.Constant)
            block.RotateTo(view.Distance);
        else
            block.RotateBehind(options.WindowTokens + options.BlockTokens, options.BlockTokens);
        block.ReadSlots(slots, options.Weight);
    }

    // What has left the window for the tokens of a block.
    private int EndOf(int block) => Math.Max((block * options.BlockTokens) - options.WindowTokens, options.SinkTokens);

    private RetrievedSlots[] Earlier(int index)
    {
        while (_earlier.Count <= index)
            _earlier.Add([.. Enumerable.Range(0, Sequence.Shape.KvHeads).Select(_ => new RetrievedSlots(Sequence.Shape.HeadDim))]);
        foreach (RetrievedSlots list in _earlier[index])
            list.Begin(-1, 0);
        return _earlier[index];
    }
}
