using System.Numerics.Tensors;
using Actors.Kernels;

namespace Actors.Attention;

/// <summary>
/// Attention computed in the plainest way, every probability of every head, and the scores that tell kinds of heads apart. For sequences inside the trained
/// window: cost and working memory grow with their length. Not safe for concurrent use; a call uses several threads itself, and results do not depend on how many.
/// </summary>
/// <remarks>Sources: arXiv:2407.15891 (echo and induction), arXiv:2404.15574 (retrieval), arXiv:2410.10819 for the idea of streaming heads, measured by mean queries and keys.</remarks>
public sealed class HeadDetector
{
    private const int ReachPositions = 500;
    private readonly AttentionShape _shape;
    private readonly RotaryEmbedding _rope;
    private readonly int _trainedWindow;
    private readonly double[] _echo, _induction, _looked; // [layers, queryHeads]
    private readonly double[] _queries, _keys;            // sums [layers, heads, headDim]
    private long _repeatedRows, _tokens, _answers;

    /// <summary>Starts without a measurement.</summary>
    /// <param name="shape">Head counts of the model.</param>
    /// <param name="rope">Its rotary embedding.</param>
    /// <param name="trainedWindow">Tokens that it was trained on.</param>
    public HeadDetector(AttentionShape shape, RotaryEmbedding rope, int trainedWindow)
    {
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentNullException.ThrowIfNull(rope);
        ArgumentOutOfRangeException.ThrowIfLessThan(trainedWindow, 16);
        (_shape, _rope, _trainedWindow) = (shape, rope, trainedWindow);
        _echo = new double[shape.Layers * shape.QueryHeads];
        _induction = new double[_echo.Length];
        _looked = new double[_echo.Length];
        _queries = new double[_echo.Length * shape.HeadDim];
        _keys = new double[shape.Layers * shape.KvHeads * shape.HeadDim];
    }

    /// <summary>Attention of one layer over a whole sequence, with what is watched in it.</summary>
    /// <param name="layer">Layer, from 0.</param>
    /// <param name="rows">Tokens.</param>
    /// <param name="queries">[rows, queryHeads, headDim] before RoPE.</param>
    /// <param name="keys">[rows, kvHeads, headDim] before RoPE.</param>
    /// <param name="values">[rows, kvHeads, headDim].</param>
    /// <param name="output">[rows, queryHeads, headDim], written.</param>
    /// <param name="watch">What the sequence is.</param>
    public void Attend(int layer, int rows, float[] queries, float[] keys, float[] values, float[] output, HeadWatch watch)
    {
        ArgumentNullException.ThrowIfNull(watch);
        int d = _shape.HeadDim, queryFloats = _shape.QueryHeads * d, keyFloats = _shape.KvHeads * d;
        if (watch.Means)
        {
            Sum(queries, rows, queryFloats, _queries.AsSpan(layer * queryFloats, queryFloats));
            Sum(keys, rows, keyFloats, _keys.AsSpan(layer * keyFloats, keyFloats));
        }
        if (layer == 0)
        {
            _tokens += watch.Means ? rows : 0;
            _repeatedRows += Math.Max(0, watch.Period is { } period ? rows - watch.FirstRepeated - period : 0);
            _answers += watch.Answer.Count > 0 ? 1 : 0;
        }
        float[] cos = new float[rows * d / 2], sin = new float[rows * d / 2];
        for (int row = 0; row < rows; row++)
            _rope.Fill(row, cos.AsSpan(row * d / 2, d / 2), sin.AsSpan(row * d / 2, d / 2));
        Parallel.For(0, _shape.QueryHeads, head =>
        {
            int kvHead = head / _shape.GroupSize;
            float[] turned = new float[rows * d], query = new float[d], shares = new float[rows];
            for (int row = 0; row < rows; row++)
                RotaryEmbedding.Rotate(keys.AsSpan((row * keyFloats) + (kvHead * d), d), cos.AsSpan(row * d / 2, d / 2), sin.AsSpan(row * d / 2, d / 2), turned.AsSpan(row * d, d));
            for (int row = 0; row < rows; row++)
            {
                RotaryEmbedding.Rotate(queries.AsSpan((row * queryFloats) + (head * d), d), cos.AsSpan(row * d / 2, d / 2), sin.AsSpan(row * d / 2, d / 2), query);
                for (int key = 0; key <= row; key++)
                    shares[key] = TensorPrimitives.Dot<float>(query, turned.AsSpan(key * d, d)) / MathF.Sqrt(d);
                Softmax(shares.AsSpan(0, row + 1));
                Span<float> result = output.AsSpan((row * queryFloats) + (head * d), d);
                result.Clear();
                for (int key = 0; key <= row; key++)
                    TensorPrimitives.MultiplyAdd(values.AsSpan((key * keyFloats) + (kvHead * d), d), shares[key], result, result);
                Watch((layer * _shape.QueryHeads) + head, row, shares.AsSpan(0, row + 1), watch);
            }
        });
    }

    /// <summary>The scores of everything that was watched.</summary>
    /// <param name="model">Fingerprint of the model.</param>
    /// <param name="command">What was run.</param>
    /// <exception cref="InvalidOperationException">No repeated tokens were watched, or no mean queries and keys taken.</exception>
    public HeadScores Finish(string model, string command)
    {
        if (_repeatedRows == 0 || _tokens == 0)
            throw new InvalidOperationException("Heads are measured on repeated tokens and on a sequence of which mean queries and keys are taken; one of both was not given.");
        Dictionary<HeadScoreKind, IReadOnlyList<float>> scores = new()
        {
            [HeadScoreKind.Echo] = [.. _echo.Select(sum => Score(sum / _repeatedRows))],
            [HeadScoreKind.Induction] = [.. _induction.Select(sum => Score(sum / _repeatedRows))],
            [HeadScoreKind.Reach] = [.. Enumerable.Range(0, _echo.Length).Select(Reach)],
        };
        if (_answers > 0)
            scores[HeadScoreKind.Retrieval] = [.. _looked.Select(sum => Score(sum / _answers))];
        return new() { Model = model, Shape = _shape, Command = command, QueryHeads = scores };
    }

    private static float Score(double value) => (float)Math.Clamp(value, 0, 1);

    private static void Sum(ReadOnlySpan<float> rows, int count, int width, Span<double> sums)
    {
        for (int i = 0; i < count * width; i++)
            sums[i % width] += rows[i];
    }

    private static void Softmax(Span<float> scores)
    {
        TensorPrimitives.Subtract(scores, TensorPrimitives.Max(scores), scores);
        TensorPrimitives.Exp(scores, scores);
        TensorPrimitives.Divide(scores, TensorPrimitives.Sum(scores), scores);
    }

    // One head's row; heads are watched by one thread each.
    private void Watch(int head, int row, ReadOnlySpan<float> shares, HeadWatch watch)
    {
        if (watch.Period is { } period)
        {
            for (int copy = row - period; copy >= watch.FirstRepeated; copy -= period)
            {
                _echo[head] += shares[copy];
                _induction[head] += shares[copy + 1];
            }
        }
        // The row before an answer's token chooses it.
        int next = row + 1 - watch.AnswerStart;
        if (next < 0 || next >= watch.Answer.Count)
            return;
        int looked = TensorPrimitives.IndexOfMax(shares);
        if (watch.Told.Any(start => looked >= start && looked < start + watch.Answer.Count && watch.Answer[looked - start] == watch.Answer[next]))
            _looked[head] += 1.0 / watch.Answer.Count;
    }

    // The last of many mean queries among as many mean keys.
    private float Reach(int head)
    {
        int d = _shape.HeadDim, layer = head / _shape.QueryHeads, positions = Math.Min(ReachPositions, _trainedWindow);
        int kvHead = (layer * _shape.KvHeads) + (head % _shape.QueryHeads / _shape.GroupSize);
        float[] query = [.. _queries.AsSpan(head * d, d).ToArray().Select(sum => (float)(sum / _tokens))], key = [.. _keys.AsSpan(kvHead * d, d).ToArray().Select(sum => (float)(sum / _tokens))];
        float[] cos = new float[d / 2], sin = new float[d / 2], turned = new float[d], scores = new float[positions];
        for (int distance = 0; distance < positions; distance++)
        {
            _rope.Fill(distance, cos, sin);
            RotaryEmbedding.Rotate(query, cos, sin, turned);
            // The query turned by the distance, the key not at all; the other scale of a turned key is missing then.
            scores[positions - 1 - distance] = TensorPrimitives.Dot<float>(turned, key) * _rope.AttentionScale / MathF.Sqrt(d);
        }
        Softmax(scores);
        double sum = 0, total = 0;
        foreach (float share in scores)
            total += sum += share;
        return Score(total / positions);
    }
}
