namespace Actors.Attention;

/// <summary>
/// Which tokens the query heads of one token read and what they scored before the softmax, as the primitives of a <see cref="QueryBlock"/> hand them
/// over. It grows to what is needed and then allocates nothing; one worker at a time.
/// </summary>
internal sealed class ReadRecord
{
    private Run[] _runs = new Run[16];
    private float[] _scores = new float[1024];
    private int _runCount, _scoreCount;

    /// <summary>First row that is recorded; rows of earlier tokens of the block are not.</summary>
    public int FirstRow { get; private set; }

    /// <summary>Neighbouring tokens that one row read.</summary>
    /// <param name="Row">Row of the block.</param>
    /// <param name="Token">First token, or <see cref="Summary"/>.</param>
    /// <param name="Count">Tokens.</param>
    internal readonly record struct Run(int Row, int Token, int Count);

    /// <summary>Stands for the token where what was read is in no page: a centroid, a slot of a memory.</summary>
    public const int Summary = -1;

    public ReadOnlySpan<Run> Runs => _runs.AsSpan(0, _runCount);

    /// <summary>Scores of all runs, one after the other.</summary>
    public ReadOnlySpan<float> Scores => _scores.AsSpan(0, _scoreCount);

    /// <summary>Starts anew.</summary>
    public void Clear(int firstRow) => (FirstRow, _runCount, _scoreCount) = (firstRow, 0, 0);

    /// <summary>Notes neighbouring tokens, those that are masked (a score of negative infinity) left out.</summary>
    public void Add(int row, int token, ReadOnlySpan<float> scores)
    {
        if (row < FirstRow)
            return;
        for (int masked; (masked = scores.IndexOf(float.NegativeInfinity)) >= 0; scores = scores[(masked + 1)..])
        {
            Append(row, token, scores[..masked]);
            token += token == Summary ? 0 : masked + 1;
        }
        Append(row, token, scores);
    }

    /// <summary>Notes tokens from anywhere.</summary>
    public void Add(int row, ReadOnlySpan<int> tokens, ReadOnlySpan<float> scores)
    {
        for (int start = 0, end; start < tokens.Length; start = end)
        {
            for (end = start + 1; end < tokens.Length && tokens[end] == tokens[end - 1] + 1; end++)
            {
            }
            Add(row, tokens[start], scores[start..end]);
        }
    }

    private void Append(int row, int token, ReadOnlySpan<float> scores)
    {
        if (scores.IsEmpty)
            return;
        if (_runCount == _runs.Length)
            Array.Resize(ref _runs, _runCount * 2);
        if (_scoreCount + scores.Length > _scores.Length)
            Array.Resize(ref _scores, Math.Max(_scores.Length * 2, _scoreCount + scores.Length));
        _runs[_runCount++] = new(row, token, scores.Length);
        scores.CopyTo(_scores.AsSpan(_scoreCount));
        _scoreCount += scores.Length;
    }
}
