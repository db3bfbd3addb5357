namespace Actors.Attention;

/// <summary>What a worker's last search found, best first. Grows to the largest search; one worker's.</summary>
internal sealed class FoundKeys
{
    private int[] _ids = [];
    private float[] _scores = [];

    /// <summary>Working memory of the index.</summary>
    public IndexScratch Scratch { get; } = new();

    public int Count { get; private set; }

    /// <summary>Ids, or tokens once <see cref="Shift"/> has made them so.</summary>
    public ReadOnlySpan<int> Ids => _ids.AsSpan(0, Count);

    public ReadOnlySpan<float> Scores => _scores.AsSpan(0, Count);

    public void Search(IKeyIndex index, ReadOnlySpan<float> query, int count)
    {
        count = Math.Min(count, index.Count);
        if (_ids.Length < count)
            (_ids, _scores) = (new int[count + (count / 4)], new float[count + (count / 4)]);
        Count = index.Search(query, count, _ids, _scores, Scratch);
    }

    /// <summary>Takes over tokens that were found elsewhere.</summary>
    public void Set(ReadOnlySpan<int> tokens)
    {
        if (_ids.Length < tokens.Length)
            (_ids, _scores) = (new int[tokens.Length], new float[tokens.Length]);
        tokens.CopyTo(_ids);
        Count = tokens.Length;
    }

    /// <summary>Keeps the best whose scores are no less than a limit.</summary>
    public void KeepAbove(float limit)
    {
        while (Count > 0 && _scores[Count - 1] < limit)
            Count--;
    }

    /// <summary>Turns ids into tokens.</summary>
    public void Shift(int firstToken) => System.Numerics.Tensors.TensorPrimitives.Add(Ids, firstToken, _ids);
}
