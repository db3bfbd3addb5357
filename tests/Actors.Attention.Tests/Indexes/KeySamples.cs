namespace Actors.Attention.Tests.Indexes;

/// <summary>Made-up keys and queries: keys in bunches along the time axis, queries drawn from another distribution, as those of a model are.</summary>
internal sealed class KeySamples
{
    private readonly Random _random;
    private readonly float[][] _topics;
    private readonly int _headDim;

    public KeySamples(int headDim, int seed, int topics = 40)
    {
        _headDim = headDim;
        _random = new(seed);
        _topics = [.. Enumerable.Range(0, topics).Select(_ => Row(2f))];
    }

    /// <summary>[n, headDim]: a topic for some tokens, then another; all shifted by one offset.</summary>
    public float[] Keys(int n)
    {
        List<float> keys = new(n * _headDim);
        int topic = 0;
        for (int key = 0; key < n; key++)
        {
            if (_random.Next(6) == 0)
                topic = _random.Next(_topics.Length);
            keys.AddRange(_topics[topic].Zip(Row(0.7f), (mean, noise) => 0.5f + mean + noise));
        }
        return [.. keys];
    }

    /// <summary>[n, headDim]: like keys, around the topics.</summary>
    public float[] NearQueries(int n) => [.. Enumerable.Range(0, n).SelectMany(_ => _topics[_random.Next(_topics.Length)].Zip(Row(0.7f), (mean, noise) => mean + noise))];

    /// <summary>[n, headDim]: far from all keys: another offset and another scale of the channels.</summary>
    public float[] ShiftedQueries(int n)
        => [.. Enumerable.Range(0, n).SelectMany(_ => _topics[_random.Next(_topics.Length)].Zip(Row(1f), (mean, noise) => (0.4f * mean) + noise).Select((value, i) => (value * (i % 3)) - 1.5f))];

    /// <summary>The best keys by sorting, in double.</summary>
    public static int[] Best(ReadOnlySpan<float> keys, ReadOnlySpan<float> query, int count)
    {
        double[] scores = new double[keys.Length / query.Length];
        for (int key = 0; key < scores.Length; key++)
            scores[key] = Score(keys, query, key);
        return [.. Enumerable.Range(0, scores.Length).OrderByDescending(key => scores[key]).ThenBy(key => key).Take(count)];
    }

    public static double Score(ReadOnlySpan<float> keys, ReadOnlySpan<float> query, int key)
    {
        double sum = 0;
        for (int i = 0; i < query.Length; i++)
            sum += (double)keys[(key * query.Length) + i] * query[i];
        return sum;
    }

    private float[] Row(float scale) => [.. Enumerable.Range(0, _headDim).Select(_ => scale * (_random.NextSingle() + _random.NextSingle() + _random.NextSingle() - 1.5f))];
}
