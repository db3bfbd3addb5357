using Actors.Kernels;

namespace Actors.Models.Tests;

/// <summary>A backend plus plain dense attention in double precision at true positions: the smallest complete model.</summary>
internal sealed class DenseForward(IModelBackend backend, RotaryEmbedding rope)
{
    private readonly ModelShape _shape = backend.Shape;
    private readonly List<float[]>[] _keys = Lists(backend.Shape.Layers);
    private readonly List<float[]>[] _values = Lists(backend.Shape.Layers);

    /// <summary>Computes the next tokens and returns their logits [tokens, vocabulary].</summary>
    public float[] Append(ReadOnlySpan<int> tokens)
    {
        int rows = tokens.Length, queryColumns = _shape.QueryHeads * _shape.HeadDim, keyColumns = _shape.KvHeads * _shape.HeadDim;
        float[] hidden = new float[rows * _shape.HiddenSize], queries = new float[rows * queryColumns], attended = new float[rows * queryColumns];
        float[] keys = new float[rows * keyColumns], values = new float[rows * keyColumns], logits = new float[rows * _shape.VocabularySize];
        backend.Embed(tokens, hidden);
        for (int layer = 0; layer < _shape.Layers; layer++)
        {
            backend.Pre(layer, rows, hidden, queries, keys, values);
            for (int row = 0; row < rows; row++)
            {
                int position = _keys[layer].Count;
                Rotate(queries.AsSpan(row * queryColumns, queryColumns), position);
                Rotate(keys.AsSpan(row * keyColumns, keyColumns), position);
                _keys[layer].Add(keys[(row * keyColumns)..((row + 1) * keyColumns)]);
                _values[layer].Add(values[(row * keyColumns)..((row + 1) * keyColumns)]);
                Attend(layer, queries.AsSpan(row * queryColumns, queryColumns), attended.AsSpan(row * queryColumns, queryColumns));
            }

            backend.Post(layer, rows, attended, hidden);
        }

        backend.Head(rows, hidden, logits);
        return logits;
    }

    private void Rotate(Span<float> heads, int position)
    {
        float[] cos = new float[_shape.HeadDim / 2], sin = new float[_shape.HeadDim / 2];
        rope.Fill(position, cos, sin);
        for (int head = 0; head < heads.Length; head += _shape.HeadDim)
        {
            RotaryEmbedding.Rotate(heads.Slice(head, _shape.HeadDim), cos, sin);
        }
    }

    private void Attend(int layer, ReadOnlySpan<float> queries, Span<float> attended)
    {
        int dim = _shape.HeadDim, count = _keys[layer].Count;
        double[] scores = new double[count];
        for (int head = 0; head < _shape.QueryHeads; head++)
        {
            int kvHead = head / _shape.GroupSize;
            for (int i = 0; i < count; i++)
            {
                double dot = 0;
                for (int d = 0; d < dim; d++)
                {
                    dot += (double)queries[head * dim + d] * _keys[layer][i][kvHead * dim + d];
                }

                scores[i] = dot / Math.Sqrt(dim);
            }

            double max = scores.Max(), sum = scores.Sum(score => Math.Exp(score - max));
            for (int d = 0; d < dim; d++)
            {
                double value = 0;
                for (int i = 0; i < count; i++)
                {
                    value += Math.Exp(scores[i] - max) * _values[layer][i][kvHead * dim + d];
                }

                attended[head * dim + d] = (float)(value / sum);
            }
        }
    }

    private static List<float[]>[] Lists(int layers) => [.. Enumerable.Range(0, layers).Select(_ => new List<float[]>())];
}
