using Actors.Models;

namespace Actors.Engine;

/// <summary>Activations of one step, rows packed. Allocated once for the largest step; the arrays are pinned and never move.</summary>
internal sealed class StepBuffers
{
    /// <summary>Most rows that go through the head at once: its output is wide.</summary>
    public const int HeadRows = 64;

    private readonly int _vocabulary;

    public StepBuffers(ModelShape shape, int maxRows)
    {
        _vocabulary = shape.VocabularySize;
        Tokens = new int[maxRows];
        Hidden = Allocate(maxRows, shape.HiddenSize);
        Queries = Allocate(maxRows, shape.QueryHeads * shape.HeadDim);
        Keys = Allocate(maxRows, shape.KvHeads * shape.HeadDim);
        Values = Allocate(maxRows, shape.KvHeads * shape.HeadDim);
        Attended = Allocate(maxRows, shape.QueryHeads * shape.HeadDim);
        HeadInput = Allocate(HeadRows, shape.HiddenSize);
        LogitValues = [];
    }

    public int[] Tokens { get; }

    public float[] Hidden { get; }       // [rows, hiddenSize]

    public float[] Queries { get; }      // [rows, queryHeads, headDim]

    public float[] Keys { get; }         // [rows, kvHeads, headDim]

    public float[] Values { get; }       // [rows, kvHeads, headDim]

    public float[] Attended { get; }     // [rows, queryHeads, headDim]

    public float[] HeadInput { get; }    // [HeadRows, hiddenSize]

    public float[] LogitValues { get; private set; }    // [up to HeadRows, vocabulary]

    public Span<float> Logits(int row) => LogitValues.AsSpan(row * _vocabulary, _vocabulary);

    /// <summary>Makes room for the logits of <paramref name="rows"/> rows; the buffer only grows, because most steps need few.</summary>
    public Span<float> ReserveLogits(int rows)
    {
        if (LogitValues.Length < rows * _vocabulary)
            LogitValues = Allocate(rows, _vocabulary);
        return LogitValues.AsSpan(0, rows * _vocabulary);
    }

    private static float[] Allocate(int rows, int width) => GC.AllocateArray<float>(checked(rows * width), pinned: true);
}
