namespace Actors.Attention;

/// <summary>
/// Mean key and mean value of a run of tokens of one (layer, KV head) that grows with the context. Sums are taken token by token in fp64 and kept every 4,096
/// tokens, so that a cut leaves the very sums that were there before. Owner thread.
/// </summary>
/// <param name="first">First token of the run.</param>
/// <param name="headDim">Elements per key.</param>
internal sealed class MemoryMean(int first, int headDim)
{
    private const int BatchTokens = 64, KeptEvery = 4096;
    private readonly List<double[]> _kept = []; // sums up to each multiple of 4,096 tokens of the run
    private readonly double[] _sums = new double[2 * headDim];
    private int _count;
    private bool _roped;

    public long Bytes => (_kept.Count + 1L) * 2 * headDim * sizeof(double);

    /// <summary>Writes the means of tokens [first, end).</summary>
    /// <param name="stored">Reads the pages.</param>
    /// <param name="layer">Layer.</param>
    /// <param name="head">KV head.</param>
    /// <param name="end">End of the run.</param>
    /// <param name="roped">Whether keys are turned by their positions.</param>
    /// <param name="rows">Working memory, [2, 64, headDim].</param>
    /// <param name="mean">[2, headDim] written, key and value; zero when the run is empty.</param>
    public void Write(StoredKeys stored, int layer, int head, int end, bool roped, float[] rows, Span<float> mean)
    {
        if (roped != _roped)
            Truncate(first);
        _roped = roped;
        Truncate(end);
        Span<float> keys = rows.AsSpan(0, BatchTokens * headDim), values = rows.AsSpan(BatchTokens * headDim, BatchTokens * headDim);
        while (_count < end - first)
        {
            int tokens = Math.Min(BatchTokens - (_count % BatchTokens), end - first - _count);
            stored.Read(layer, head, first + _count, tokens, roped, keys);
            stored.ReadValues(layer, head, first + _count, tokens, values);
            for (int i = 0; i < tokens; i++)
                Add(keys.Slice(i * headDim, headDim), values.Slice(i * headDim, headDim));
        }
        for (int i = 0; i < mean.Length; i++)
            mean[i] = _count == 0 ? 0 : (float)(_sums[i] / _count);
    }

    /// <summary>Forgets tokens from one on.</summary>
    public void Truncate(int end)
    {
        int count = Math.Max(0, end - first);
        if (_count <= count)
            return;
        _kept.RemoveRange(count / KeptEvery, _kept.Count - (count / KeptEvery));
        _count = _kept.Count * KeptEvery;
        if (_count == 0)
            Array.Clear(_sums);
        else
            _kept[^1].CopyTo(_sums, 0);
    }

    private void Add(ReadOnlySpan<float> key, ReadOnlySpan<float> value)
    {
        for (int i = 0; i < headDim; i++)
        {
            _sums[i] += key[i];
            _sums[headDim + i] += value[i];
        }
        if (++_count % KeptEvery == 0)
            _kept.Add([.. _sums]);
    }
}
