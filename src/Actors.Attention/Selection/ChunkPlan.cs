using Actors.KvCache;

namespace Actors.Attention;

/// <summary>
/// What one head reads of a long chunk's memory: single keys for all queries, groups for all queries, and bands of distances. A band is 16 neighbouring distances,
/// because keys are read in groups of 16. It grows to what is needed and then allocates nothing.
/// </summary>
internal sealed class ChunkPlan
{
    private float[] _columns = [], _diagonals = [], _bands = [];
    private bool[] _groups = [], _near = [];
    private ushort[] _singles = [];
    private int[] _found = [];
    private KeyPack _true = new(), _constant = new();

    public long Bytes => _true.Bytes + _constant.Bytes + (4L * (_columns.Length + _diagonals.Length + _bands.Length + _found.Length)) + (4L * _groups.Length);

    /// <summary>Query rows that were looked at.</summary>
    public int Rows { get; private set; }

    /// <summary>Sums of the shares of attention that each key drew.</summary>
    public ReadOnlySpan<float> Columns => _columns;

    /// <summary>Sums of the shares of attention that the distances of each band drew.</summary>
    public ReadOnlySpan<float> Bands => _bands;

    /// <summary>Gives its memory back.</summary>
    public void Release()
    {
        (_columns, _diagonals, _bands, _groups, _near, _singles, _found) = ([], [], [], [], [], [], []);
        (_true, _constant) = (new(), new());
    }

    /// <summary>Starts anew.</summary>
    /// <param name="tokens">End of the chunk.</param>
    public void Reset(int tokens)
    {
        int groups = (tokens / KvLayout.GroupTokens) + 4;
        if (_groups.Length < groups)
        {
            groups += groups / 4;
            (_columns, _diagonals) = (new float[(groups + 4) * KvLayout.GroupTokens], new float[(groups + 4) * KvLayout.GroupTokens]);
            (_groups, _near, _singles, _bands, _found) = (new bool[groups], new bool[groups + 4], new ushort[groups], new float[groups], new int[groups * KvLayout.GroupTokens]);
        }
        Rows = 0;
        Array.Clear(_columns);
        Array.Clear(_diagonals);
        Array.Clear(_bands);
        Array.Clear(_groups);
        Array.Clear(_near);
        Array.Clear(_singles);
        _true.Reset([], 0, 0);
        _constant.Reset([], 0, 0);
    }

    /// <summary>Looks at what some neighbouring rows attend to.</summary>
    /// <param name="block">The rows, of one view.</param>
    /// <param name="view">Their view.</param>
    /// <param name="last">The chunk's last position.</param>
    public void Add(in QueryBlock block, AttentionView view, int last)
    {
        block.AddShares(view, last, _columns, _diagonals);
        Rows += block.Rows;
    }

    /// <summary>Sums the distances up to bands, once all rows were added.</summary>
    public void SumBands(int last)
    {
        for (int distance = 0; distance <= last; distance++)
            _bands[distance / KvLayout.GroupTokens] += _diagonals[last - distance];
    }

    /// <summary>Takes the single keys that drew the most, for all queries.</summary>
    /// <param name="block">Any block of the head; its keys are gathered.</param>
    /// <param name="first">First key.</param>
    /// <param name="end">End of the keys.</param>
    /// <param name="count">How many.</param>
    /// <param name="trueView">Whether blocks need keys turned by their positions.</param>
    /// <param name="constantView">Whether blocks need un-roped keys.</param>
    public void TakeKeys(in QueryBlock block, int first, int end, int count, AttentionView? trueView, AttentionView? constantView)
    {
        int found = Actors.Kernels.TopK.Select(_columns.AsSpan(first, end - first), count, _found);
        Span<int> tokens = _found.AsSpan(0, found);
        for (int i = 0; i < found; i++)
        {
            tokens[i] += first;
            _singles[tokens[i] / KvLayout.GroupTokens] |= (ushort)(1 << (tokens[i] % KvLayout.GroupTokens));
        }
        if (trueView is { } atPositions)
            block.Pack(tokens, atPositions, _true);
        if (constantView is { } atDistance)
            block.Pack(tokens, atDistance, _constant);
    }

    /// <summary>Takes groups [first, end) for all queries.</summary>
    public void TakeGroups(int first, int end) => _groups.AsSpan(first, end - first).Fill(true);

    /// <summary>Takes a band of distances [16 band, 16 band + 16): the queries of a block are two groups, so it touches three groups of keys.</summary>
    public void TakeBand(int band) => _near.AsSpan(Math.Max(band - 1, 0), 3).Fill(true);

    /// <summary>Takes the bands that drew the most.</summary>
    /// <param name="first">First band.</param>
    /// <param name="end">End of the bands.</param>
    /// <param name="count">How many.</param>
    public void TakeBands(int first, int end, int count)
    {
        int found = Actors.Kernels.TopK.Select(_bands.AsSpan(first, end - first), count, _found);
        for (int i = 0; i < found; i++)
            TakeBand(first + _found[i]);
    }

    /// <summary>Reads what was taken and lies between sinks and window. Follows <see cref="QueryBlock.Rotate"/>.</summary>
    public void Read(in QueryBlock block, AttentionView view)
    {
        KeyPack pack = view.Sinks == SinkPlacement.Constant ? _constant : _true;
        int before = pack.Tokens.BinarySearch(view.WindowStart);
        block.ReadPack(pack, before < 0 ? ~before : before);
        int at = block.FirstPosition / AttentionPolicies.QueryBlockTokens * (AttentionPolicies.QueryBlockTokens / KvLayout.GroupTokens), chosen = 0;
        block.Scratch.ReserveChosen(view.WindowStart / KvLayout.GroupTokens);
        for (int group = view.SinkTokens / KvLayout.GroupTokens; group < view.WindowStart / KvLayout.GroupTokens; group++)
        {
            if ((_groups[group] || _near[at - group]) && _singles[group] != ushort.MaxValue)
                block.Scratch.Chosen[chosen++] = group;
        }
        block.ReadGroups(block.Scratch.Chosen.AsSpan(0, chosen), _singles, view);
    }
}
