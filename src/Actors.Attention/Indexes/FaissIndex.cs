namespace Actors.Attention;

/// <summary>
/// FAISS behind the interface of all indexes. Keys are handed to it in blocks of <see cref="KeyIndexOptions.FaissBlockKeys"/>, since adding one is dear there;
/// what it does not have yet is compared here. It names candidates, and their scores are computed here, so they are exact also with compressed keys.
/// </summary>
/// <remarks>Source: arXiv:2401.08281 (FAISS). Blocks begin at fixed ids and all work is done by one thread, so equal keys in equal order give an equal index.</remarks>
internal sealed class FaissIndex : IKeyIndex
{
    private const int ErrorBytes = 512;
    private readonly KeyRows _keys;
    private readonly KeyIndexOptions _options;
    private readonly string _factory;
    private readonly int _headDim, _trainKeys, _refine;
    private FaissHandle _handle;
    private bool _trained;
    private int _added, _breadth;

    public FaissIndex(string kind, int headDim, KeyIndexOptions options)
    {
        if (FaissLibrary.Absence is string absence)
            throw new ArgumentException($"The key index '{kind}' cannot be made: {absence}", nameof(kind));
        int parts = options.FaissPqParts > 0 ? options.FaissPqParts : headDim % 2 == 0 ? headDim / 2 : headDim;
        if (headDim % parts != 0)
            throw new ArgumentException($"FaissPqParts is {parts}; it must divide the head dimension ({headDim}).", nameof(options));
        Kind = kind;
        _headDim = headDim;
        _options = options;
        _keys = new(headDim);
        (_factory, _trainKeys, _refine, _breadth) = kind switch
        {
            "faiss-hnsw" => ($"HNSW{options.FaissLinks},Flat", 0, 1, options.FaissSearchWidth),
            "faiss-ivf" => ($"IVF{options.FaissLists},Flat", options.FaissTrainKeys, 1, options.FaissProbes),
            _ => ($"IVF{options.FaissLists},PQ{parts}x8np", options.FaissTrainKeys, options.FaissRefine, options.FaissProbes),
        };
        _handle = CreateHandle();
    }

    public string Kind { get; }

    public int Count => _keys.Count;

    public long Bytes => _keys.Bytes + FaissLibrary.Bytes(_handle);

    /// <summary>efSearch of HNSW, nprobe of the others.</summary>
    internal int Breadth
    {
        get => _breadth;
        set => FaissLibrary.SetBreadth(_handle, _breadth = value);
    }

    public void Append(ReadOnlySpan<float> keys)
    {
        _keys.Append(keys);
        AddBlocks();
    }

    public void Learn(ReadOnlySpan<float> queries) => _keys.CheckRows(queries, nameof(queries));

    /// <summary>Makes the index again from what is left, since FAISS cannot forget: as dear as it was to build.</summary>
    public void Truncate(int count)
    {
        int before = Count;
        _keys.Truncate(count);
        if (count >= before || count >= _added)
            return;
        _handle.Dispose();
        _handle = CreateHandle();
        (_trained, _added) = (false, 0);
        AddBlocks();
    }

    public int Search(ReadOnlySpan<float> query, int count, Span<int> ids, Span<float> scores, IndexScratch scratch)
    {
        ArgumentNullException.ThrowIfNull(scratch);
        count = _keys.CheckSearch(query, count, Count, ids, scores);
        scratch.Best.Reset(count);
        scratch.Scored = 0;
        if (count == 0)
            return 0;
        int wanted = (int)Math.Min((long)count * _refine, _added);
        if (wanted > 0)
        {
            Span<long> found = scratch.Longs(wanted);
            Span<float> approximate = scratch.Floats(wanted);
            Span<byte> error = stackalloc byte[ErrorBytes];
            FaissLibrary.Check(FaissLibrary.Search(_handle, query, wanted, found, approximate, out long compared, error, ErrorBytes), error);
            scratch.Scored = compared;
            foreach (long id in found)
            {
                if (id >= 0)
                    scratch.Best.Offer((int)id, _keys.Score(query, (int)id));
            }
        }
        for (int id = _added; id < Count; id++)
            scratch.Best.Offer(id, _keys.Score(query, id));
        scratch.Scored += Count - _added;
        return scratch.Best.Take(ids, scores);
    }

    public void Dispose() => _handle.Dispose();

    private FaissHandle CreateHandle()
    {
        Span<byte> error = stackalloc byte[ErrorBytes];
        FaissLibrary.Check(FaissLibrary.Create(_headDim, _factory, _options.FaissBuildWidth, out FaissHandle created, error, ErrorBytes), error);
        FaissLibrary.SetBreadth(created, _breadth);
        return created;
    }

    private void AddBlocks()
    {
        Span<byte> error = stackalloc byte[ErrorBytes];
        if (!_trained && Count < _trainKeys)
            return;
        if (!_trained && _trainKeys > 0)
            FaissLibrary.Check(FaissLibrary.Train(_handle, _trainKeys, Rows(0, _trainKeys), error, ErrorBytes), error);
        _trained = true;
        for (; Count - _added >= _options.FaissBlockKeys; _added += _options.FaissBlockKeys)
            FaissLibrary.Check(FaissLibrary.Add(_handle, _options.FaissBlockKeys, Rows(_added, _options.FaissBlockKeys), error, ErrorBytes), error);
    }

    private float[] Rows(int first, int count)
    {
        float[] rows = new float[count * _headDim];
        for (int i = 0; i < count; i++)
            _keys[first + i].CopyTo(rows.AsSpan(i * _headDim));
        return rows;
    }
}
