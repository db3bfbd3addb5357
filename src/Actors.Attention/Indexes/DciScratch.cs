namespace Actors.Attention;

/// <summary>The points that a level of a <see cref="DciIndex"/> handed down, best first.</summary>
internal sealed class DciScratch
{
    private int[] _ids = [];
    private float[] _scores = [];

    public int Count { get; private set; }

    public ReadOnlySpan<int> Ids => _ids.AsSpan(0, Count);

    public ReadOnlySpan<float> Scores => _scores.AsSpan(0, Count);

    public void Take(BestKeys best)
    {
        if (_ids.Length < best.Count)
            (_ids, _scores) = (new int[best.Count], new float[best.Count]);
        Count = best.Take(_ids, _scores);
    }
}
