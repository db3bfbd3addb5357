namespace Actors.Attention;

/// <summary>Working memory of one worker that searches key indexes. It grows to the largest search and then allocates nothing; not safe for concurrent use.</summary>
public sealed class IndexScratch
{
    /// <summary>Keys, centroids or nodes that the last search compared with its query.</summary>
    public long Scored { get; set; }

    internal BestKeys Best { get; } = new();

    private float[] _floats = [];
    private int[] _integers = [];

    internal Span<float> Floats(int length)
    {
        if (_floats.Length < length)
            _floats = new float[length + (length / 4)];
        return _floats.AsSpan(0, length);
    }

    internal Span<int> Integers(int length)
    {
        if (_integers.Length < length)
            _integers = new int[length + (length / 4)];
        return _integers.AsSpan(0, length);
    }
}
