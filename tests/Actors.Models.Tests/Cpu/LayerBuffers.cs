namespace Actors.Models.Tests;

/// <summary>Random input and room for everything that one layer and the head produce.</summary>
internal sealed class LayerBuffers
{
    private readonly ModelShape _shape;
    private readonly int _rows;
    private readonly float[] _input;
    private readonly float[] _attended;

    public LayerBuffers(ModelShape shape, int rows)
        : this(shape, rows, RandomValues(rows * shape.HiddenSize, 1), RandomValues(rows * shape.QueryHeads * shape.HeadDim, 2))
    {
    }

    private LayerBuffers(ModelShape shape, int rows, float[] input, float[] attended)
    {
        _shape = shape;
        _rows = rows;
        _input = input;
        _attended = attended;
        Hidden = new float[input.Length];
        Queries = new float[attended.Length];
        Keys = new float[rows * shape.KvHeads * shape.HeadDim];
        Values = new float[Keys.Length];
        Logits = new float[rows * shape.VocabularySize];
    }

    public float[] Hidden { get; }

    public float[] Queries { get; }

    public float[] Keys { get; }

    public float[] Values { get; }

    public float[] Logits { get; }

    public void Run(IModelBackend backend, int layer)
    {
        _input.CopyTo(Hidden, 0);
        backend.Pre(layer, _rows, Hidden, Queries, Keys, Values);
        backend.Post(layer, _rows, _attended, Hidden);
        backend.Head(_rows, Hidden, Logits);
    }

    public LayerBuffers Row(int row) => new(_shape, 1, RowOf(_input, row), RowOf(_attended, row));

    public float[] RowOf(float[] values, int row)
    {
        int columns = values.Length / _rows;
        return values[(row * columns)..((row + 1) * columns)];
    }

    private static float[] RandomValues(int count, int seed)
    {
        var random = new Random(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++)
        {
            values[i] = random.NextSingle() * 2 - 1;
        }

        return values;
    }
}
