using System.Numerics.Tensors;

namespace Actors.Attention;

/// <summary>Compares what the query heads of one token read with attention over all keys. Working memory of one worker.</summary>
internal sealed class ExactComparison
{
    private readonly AttentionScratch _scratch = new() { Record = new() };
    private readonly ReadRecord _record;
    private float[] _shares = []; // [rows, tokens]

    public ExactComparison() => _record = _scratch.Record!;

    /// <summary>Computes exact attention and hands the comparison over.</summary>
    /// <param name="read">The block of one token, with the policy's result in it.</param>
    /// <param name="record">What the policy read.</param>
    /// <param name="exact">A block of the same rows on <see cref="Scratch"/>, with the queries loaded.</param>
    /// <param name="view">Where keys stand.</param>
    /// <param name="fidelity">Takes the comparison.</param>
    /// <param name="firstHead">Number of the first query head among those of all layers.</param>
    public void Run(in QueryBlock read, ReadRecord record, in QueryBlock exact, AttentionView view, AttentionFidelity fidelity, int firstHead)
    {
        int tokens = read.FirstPosition + 1;
        _scratch.Counts = default;
        _record.Clear(0);
        exact.ReadEverything(view);
        if (_shares.Length < read.Rows * tokens)
            _shares = new float[read.Rows * tokens * 5 / 4];
        ReadOnlySpan<float> scores = _record.Scores;
        foreach (ReadRecord.Run run in _record.Runs)
        {
            for (int i = 0; i < run.Count; i++)
                _shares[(run.Row * tokens) + run.Token + i] = MathF.Exp(scores[i] - exact.Lse[run.Row]);
            scores = scores[run.Count..];
        }
        Span<float> difference = stackalloc float[read.HeadDim];
        for (int row = 0; row < read.Rows; row++)
        {
            double recall = 0;
            int touched = 0;
            foreach (ReadRecord.Run run in record.Runs)
            {
                if (run.Row != row || run.Token == ReadRecord.Summary)
                    continue;
                recall += TensorPrimitives.Sum(_shares.AsSpan((row * tokens) + run.Token, run.Count));
                touched += run.Count;
            }
            TensorPrimitives.Subtract(read.Result(row), exact.Result(row), difference);
            double length = TensorPrimitives.Norm(exact.Result(row));
            fidelity.Set(firstHead + row, recall, length > 0 ? TensorPrimitives.Norm(difference) / length : 0, (double)touched / tokens);
        }
    }

    public AttentionScratch Scratch => _scratch;
}
