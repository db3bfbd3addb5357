using Actors.Kernels;
using Actors.KvCache;

namespace Actors.Attention.Tests;

/// <summary>Random queries, keys and values of a sequence, the product's attention over them, and a literal double reference.</summary>
internal sealed class RandomSequence
{
    public readonly AttentionShape Shape;
    public readonly RotaryEmbedding Rope;
    public readonly int Tokens;
    private readonly double[] _frequencies;
    private readonly float[] _queries, _keys, _values;

    public RandomSequence(int tokens, int seed, AttentionShape? shape = null, float attentionScale = 1f, float sharpness = 2f)
    {
        Tokens = tokens;
        Shape = shape ?? new(1, 6, 2, 32);
        _frequencies = [.. Enumerable.Range(0, Shape.HeadDim / 2).Select(i => Math.Pow(10000, -2.0 * i / Shape.HeadDim))];
        Rope = new(_frequencies, attentionScale);
        Random random = new(seed);
        _queries = Normal(random, tokens * Shape.QueryHeads * Shape.HeadDim, sharpness);
        _keys = Normal(random, tokens * Shape.KvHeads * Shape.HeadDim, 1);
        _values = Normal(random, tokens * Shape.KvHeads * Shape.HeadDim, 1);
        for (int i = 0; i < _keys.Length; i++)
            (_keys[i], _values[i]) = ((float)(Half)_keys[i], (float)(Half)_values[i]);
    }

    private RandomSequence(RandomSequence other, int shift)
    {
        (Tokens, Shape, Rope, _frequencies, _values) = (other.Tokens, other.Shape, other.Rope, other._frequencies, other._values);
        (_queries, _keys) = (Turned(other._queries), Turned(other._keys));

        float[] Turned(float[] rows)
        {
            float[] cos = new float[Shape.HeadDim / 2], sin = new float[Shape.HeadDim / 2], turned = [.. rows];
            new RotaryEmbedding(_frequencies).Fill(shift, cos, sin);
            for (int i = 0; i < turned.Length; i += Shape.HeadDim)
                RotaryEmbedding.Rotate(turned.AsSpan(i, Shape.HeadDim), cos, sin);
            return turned;
        }
    }

    /// <summary>The same sequence as if every position were so much greater: queries and keys are turned by it once more.</summary>
    public RandomSequence Shifted(int positions) => new(this, positions);

    /// <summary>All outputs [tokens, queryHeads, headDim] when the sequence arrives in chunks of these sizes, the last one repeated; after each, perhaps, it is cut and goes on from there.</summary>
    public float[] Run(IAttentionPolicy policy, int[] chunks, int threads = 1, Action<SequenceAttention, int>? afterCommit = null, KvFormat format = KvFormat.Float16, Func<int, int>? cutTo = null, Action<SequenceAttention>? begin = null)
    {
        KvLayout layout = new(Shape.Layers, Shape.KvHeads, Shape.HeadDim, format);
        using PagePool pool = new(layout, (Tokens / 64 + 16L) * 2 * layout.PageBytes);
        using PageTable table = new(pool, new("model", policy.Fingerprint, "tenant"));
        using SequenceAttention attention = new(policy, table, Rope, Shape);
        begin?.Invoke(attention);
        int queryFloats = Shape.QueryHeads * Shape.HeadDim, keyFloats = Shape.KvHeads * Shape.HeadDim;
        float[] outputs = new float[Tokens * queryFloats];
        var scratches = new ThreadLocal<AttentionScratch>(() => new());
        for (int first = 0, step = 0; first < Tokens; step++)
        {
            int rows = Math.Min(chunks[Math.Min(step, chunks.Length - 1)], Tokens - first), start = first;
            Assert.True(table.TryReserve(rows));
            for (int layer = 0; layer < Shape.Layers; layer++)
            {
                table.Write(layer, first, rows, _keys.AsSpan(first * keyFloats, rows * keyFloats), _values.AsSpan(first * keyFloats, rows * keyFloats));
                int tasks = attention.Prepare(layer, rows, _queries.AsSpan(first * queryFloats, rows * queryFloats)), l = layer;
                void Task(int task) => attention.Execute(
                    l, task, start, rows, _queries.AsSpan(start * queryFloats, rows * queryFloats), outputs.AsSpan(start * queryFloats, rows * queryFloats), scratches.Value!);
                if (threads == 1)
                {
                    for (int task = 0; task < tasks; task++)
                        Task(task);
                }
                else
                {
                    Parallel.For(0, tasks, new ParallelOptions { MaxDegreeOfParallelism = threads }, Task);
                }
            }
            table.Commit(new int[rows]);
            attention.OnCommitted();
            first += rows;
            afterCommit?.Invoke(attention, first);
            if (cutTo?.Invoke(first) is { } kept && kept != first)
            {
                first = table.Truncate(kept);
                attention.OnCommitted();
            }
        }
        return outputs;
    }

    /// <summary>[headDim], before rotation and without scale.</summary>
    public ReadOnlySpan<float> Query(int token, int queryHead) => _queries.AsSpan(((token * Shape.QueryHeads) + queryHead) * Shape.HeadDim, Shape.HeadDim);

    /// <summary>[headDim].</summary>
    public ReadOnlySpan<float> Value(int token, int kvHead) => _values.AsSpan(((token * Shape.KvHeads) + kvHead) * Shape.HeadDim, Shape.HeadDim);

    /// <summary>[headDim], before rotation.</summary>
    public ReadOnlySpan<float> Key(int token, int kvHead) => _keys.AsSpan(((token * Shape.KvHeads) + kvHead) * Shape.HeadDim, Shape.HeadDim);

    /// <summary>Output of one row over the given keys: (token, position of the key, position of the query).</summary>
    public double[] Reference(int row, int queryHead, IEnumerable<(int Token, int KeyPosition, int QueryPosition)> keys)
    {
        int d = Shape.HeadDim, kvHead = queryHead / Shape.GroupSize;
        double[] output = new double[d];
        foreach ((int token, double share) in Shares(row, queryHead, keys))
        {
            for (int i = 0; i < d; i++)
                output[i] += share * _values[(((token * Shape.KvHeads) + kvHead) * d) + i];
        }
        return output;
    }

    /// <summary>The same with one key and value that are the means of others, and count as often as they are many.</summary>
    public double[] Reference(int row, int queryHead, IEnumerable<(int Token, int KeyPosition, int QueryPosition)> keys, IEnumerable<(int Token, int KeyPosition, int QueryPosition)> averaged)
    {
        int d = Shape.HeadDim, kvHead = queryHead / Shape.GroupSize;
        var read = keys.ToList();
        var rest = averaged.ToList();
        if (rest.Count == 0)
            return Reference(row, queryHead, read);
        double Score(IEnumerable<double> key, int position) => Dot(Rotate(_queries.AsSpan(((row * Shape.QueryHeads) + queryHead) * d, d), position), [.. key]) / Math.Sqrt(d);
        double[] Turned((int Token, int KeyPosition, int QueryPosition) key) => Rotate(Key(key.Token, kvHead), key.KeyPosition);
        float[] Value(int token) => _values[(((token * Shape.KvHeads) + kvHead) * d)..(((token * Shape.KvHeads) + kvHead + 1) * d)];
        double[][] turned = [.. rest.Select(Turned)];
        double weight = Math.Exp(Score(Enumerable.Range(0, d).Select(i => turned.Average(key => key[i])), rest[0].QueryPosition)) * rest.Count, sum = weight;
        double[] output = [.. Enumerable.Range(0, d).Select(i => weight * rest.Average(key => (double)Value(key.Token)[i]))];
        foreach (var key in read)
        {
            double share = Math.Exp(Score(Turned(key), key.QueryPosition));
            sum += share;
            for (int i = 0; i < d; i++)
                output[i] += share * Value(key.Token)[i];
        }
        return [.. output.Select(value => value / sum)];
    }

    /// <summary>Shares of attention of one row over the given keys.</summary>
    public List<(int Token, double Share)> Shares(int row, int queryHead, IEnumerable<(int Token, int KeyPosition, int QueryPosition)> keys)
    {
        int d = Shape.HeadDim, kvHead = queryHead / Shape.GroupSize;
        var scored = keys.Select(key => (key.Token, Score: Dot(
            Rotate(_queries.AsSpan(((row * Shape.QueryHeads) + queryHead) * d, d), key.QueryPosition),
            Rotate(_keys.AsSpan(((key.Token * Shape.KvHeads) + kvHead) * d, d), key.KeyPosition)) / Math.Sqrt(d))).ToList();
        double maximum = scored.Max(key => key.Score), sum = scored.Sum(key => Math.Exp(key.Score - maximum));
        return [.. scored.Select(key => (key.Token, Math.Exp(key.Score - maximum) / sum))];
    }

    /// <summary>A query head's query at a position, in double, scaled by 1/sqrt(headDim).</summary>
    public double[] Query(int row, int queryHead, int position)
        => [.. Rotate(_queries.AsSpan(((row * Shape.QueryHeads) + queryHead) * Shape.HeadDim, Shape.HeadDim), position).Select(value => value / Math.Sqrt(Shape.HeadDim))];

    /// <summary>A key at a position, in double.</summary>
    public double[] Key(int token, int kvHead, int position) => Rotate(_keys.AsSpan(((token * Shape.KvHeads) + kvHead) * Shape.HeadDim, Shape.HeadDim), position);

    /// <summary>Largest difference between outputs and the reference over the given rows.</summary>
    public double Difference(float[] outputs, IEnumerable<int> rows, Func<int, IEnumerable<(int Token, int KeyPosition, int QueryPosition)>> keys)
        => rows.SelectMany(row => Enumerable.Range(0, Shape.QueryHeads).Select(head => Reference(row, head, keys(row))
            .Select((value, i) => Math.Abs(value - outputs[(((row * Shape.QueryHeads) + head) * Shape.HeadDim) + i])).Max())).Max();

    public static IEnumerable<(int Token, int KeyPosition, int QueryPosition)> Dense(int row) => Enumerable.Range(0, row + 1).Select(token => (token, token, row));

    /// <summary>A row turned by a position, with the attention scale.</summary>
    public double[] Rotate(ReadOnlySpan<float> row, int position)
    {
        int half = row.Length / 2;
        double[] turned = new double[row.Length];
        for (int i = 0; i < half; i++)
        {
            (double s, double c) = Math.SinCos(position * _frequencies[i]);
            turned[i] = ((row[i] * c) - (row[i + half] * s)) * Rope.AttentionScale;
            turned[i + half] = ((row[i + half] * c) + (row[i] * s)) * Rope.AttentionScale;
        }
        return turned;
    }

    private static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();

    private static float[] Normal(Random random, int length, float deviation)
    {
        float[] values = new float[length];
        for (int i = 0; i < length; i++)
            values[i] = deviation * (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        return values;
    }
}
