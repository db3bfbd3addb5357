using Actors.KvCache;

namespace Actors.Attention;

/// <summary>
/// Reads the whole memory for the heads that see everything: every key while keys stand at true positions, and groups found by their bounds (or
/// every key) at one constant distance. Only those heads have an index.
/// </summary>
internal sealed class WholeMemory
{
    private static readonly SelectionOptions Selection = new();
    private readonly SequenceContext _sequence;
    private readonly KeyIndex?[] _indexes; // [layers, kvHeads]
    private readonly bool _selected;

    /// <summary>Starts without an index.</summary>
    /// <param name="sequence">The sequence.</param>
    /// <param name="heads">[layers, kvHeads], which heads may be read.</param>
    /// <param name="distant">How they read what stands at one constant distance.</param>
    public WholeMemory(SequenceContext sequence, ReadOnlySpan<bool> heads, DistantReading distant)
    {
        _sequence = sequence;
        _selected = distant == DistantReading.Selected;
        _indexes = new KeyIndex?[heads.Length];
        for (int i = 0; i < heads.Length && _selected; i++)
            _indexes[i] = heads[i] ? new(sequence.Table.Layout.Format, sequence.Shape.HeadDim) : null;
    }

    public static string SelectionFingerprint => Selection.Fingerprint;

    public long Bytes => _indexes.Sum(index => index?.Bytes ?? 0);

    /// <summary>Brings the indexes of one layer to the memory of a view. Owner thread.</summary>
    public void Prepare(int layer, AttentionView view)
    {
        if (!view.Distant || view.Sinks != SinkPlacement.Constant)
            return;
        int groups = view.WindowStart / KvLayout.GroupTokens, bytes = 2 * _sequence.Shape.HeadDim * _sequence.Table.Layout.ElementBytes;
        for (int head = 0; head < _sequence.Shape.KvHeads; head++)
        {
            if (_indexes[_sequence.HeadIndex(layer, head)] is not { } index)
                continue;
            while (index.Groups < groups)
            {
                ReadOnlySpan<byte> bounds = _sequence.Table.Bounds(index.Groups / KvLayout.GroupsPerPage, layer, head);
                index.Append(bounds.Slice(index.Groups % KvLayout.GroupsPerPage * bytes, bytes));
            }
        }
    }

    /// <summary>Cuts the indexes to the committed tokens and brings them to the memory of the next view. Owner thread.</summary>
    public void OnCommitted(AttentionView next)
    {
        Truncate(_sequence.Table.TokenCount / KvLayout.GroupTokens);
        for (int layer = 0; layer < _sequence.Shape.Layers; layer++)
            Prepare(layer, next);
    }

    /// <summary>Reads sinks and memory, after the window.</summary>
    public void Read(in QueryBlock block, AttentionView view)
    {
        if (view.Sinks == SinkPlacement.Constant && _selected)
        {
            block.Scratch.ReserveSelection(Selection, view.SinkTokens / KvLayout.GroupTokens);
            KeyIndex index = _indexes[_sequence.HeadIndex(block.Layer, block.Head)] ?? throw new InvalidOperationException($"KV head {block.Head} of layer {block.Layer} was not made to read its whole memory.");
            new DistantKeys(block, block.Scratch, index, Selection).Read(view);
            return;
        }
        block.ReadSinks(view);
        block.ReadMemory(view.SinkTokens, view.WindowStart, view);
    }

    public void Truncate(int groups)
    {
        foreach (KeyIndex? index in _indexes)
            index?.Truncate(groups);
    }
}
