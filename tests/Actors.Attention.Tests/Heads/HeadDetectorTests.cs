using Actors.Kernels;

namespace Actors.Attention.Tests.Heads;

public sealed class HeadDetectorTests
{
    private const int Period = 8, Begin = 1, Rows = Begin + (4 * Period), HeadDim = 64;
    private static readonly AttentionShape Shape = new(1, 4, 2, HeadDim);

    // Rotation by nothing: positions do not count, and a key is found by content alone.
    private static readonly RotaryEmbedding Still = new(new double[HeadDim / 2]);

    [Fact]
    public void Finish_HeadsBuiltToRepeatAndToLookAhead_AreTold()
    {
        // Query heads 0 and 1 look for their own token, head 2 for the one after it, head 3 for the first token.
        HeadDetector detector = new(Shape, Still, 64);
        float[] queries = new float[Rows * 4 * HeadDim], keys = new float[Rows * 2 * HeadDim], values = new float[keys.Length], output = new float[queries.Length];
        for (int row = 0; row < Rows; row++)
        {
            int token = row == 0 ? Period : (row - Begin) % Period, next = (token + 1) % Period;
            foreach ((int head, int wanted) in ((int, int)[])[(0, token), (1, token), (2, next), (3, Period)])
                queries[(((row * 4) + head) * HeadDim) + wanted] = 200;
            for (int head = 0; head < 2; head++)
                (keys[(((row * 2) + head) * HeadDim) + token], values[(((row * 2) + head) * HeadDim) + 1]) = (1, row);
        }
        detector.Attend(0, Rows, queries, keys, values, output, new() { Period = Period, FirstRepeated = Begin, Means = true, Answer = [3, 4], AnswerStart = Rows - 2, Told = [Begin + 3] });
        HeadScores scores = detector.Finish("model", "test");

        // In copies two to four the query itself takes a half, a third, a quarter.
        float echo = ((1 / 2f) + (2 / 3f) + (3 / 4f)) / 3;
        Assert.Equal([echo, echo, 0, 0], scores.QueryHeads[HeadScoreKind.Echo].Select(value => MathF.Round(value, 4)), new Close());
        // The last token of a copy is followed by the first of the next, which is there as often; before the end of a copy all tokens to look for lie in earlier ones.
        Assert.InRange(scores.QueryHeads[HeadScoreKind.Induction][2], 0.95f, 1f);
        Assert.InRange(scores.QueryHeads[HeadScoreKind.Induction][0], 0f, 0.01f);
        // Attention reads what it looks for: head 3 the value of the first row, which is 0.
        Assert.Equal(0, output[((((Rows - 1) * 4) + 3) * HeadDim) + 1], 1e-3f);
    }

    [Fact]
    public void Finish_LookedUpAnswer_CountsWhereItWasTold()
    {
        // Row 20 answers tokens that were told at 5 and 6; head 0 looks there, head 1 one token beside, heads 2 and 3 at themselves.
        HeadDetector detector = new(Shape, Still, 64);
        float[] queries = new float[Rows * 4 * HeadDim], keys = new float[Rows * 2 * HeadDim], values = new float[keys.Length], output = new float[queries.Length];
        for (int row = 0; row < Rows; row++)
        {
            int answer = row - 19;
            foreach ((int head, int wanted) in ((int, int)[])[(0, answer is 0 or 1 ? 5 + answer : row), (1, answer is 0 or 1 ? 6 + answer : row), (2, row), (3, row)])
                queries[(((row * 4) + head) * HeadDim) + wanted] = 200;
            for (int head = 0; head < 2; head++)
                keys[(((row * 2) + head) * HeadDim) + row] = 1;
        }
        detector.Attend(0, Rows, queries, keys, values, output, new() { Period = Period, Means = true, Answer = [70, 71], AnswerStart = 20, Told = [5] });
        Assert.Equal([1, 0, 0, 0], detector.Finish("model", "test").QueryHeads[HeadScoreKind.Retrieval]);
    }

    [Fact]
    public void Finish_MeanQueryThatTurnsAway_ReachesFar()
    {
        // Only the slowest pair of channels turns, half a turn within 500 tokens: the mean query of head 0 finds the keys at its side, that of head 3 those half a turn back.
        double[] frequencies = new double[HeadDim / 2];
        frequencies[^1] = Math.PI / 500;
        HeadDetector detector = new(Shape, new(frequencies), 500);
        float[] queries = new float[Rows * 4 * HeadDim], keys = new float[Rows * 2 * HeadDim], values = new float[keys.Length], output = new float[queries.Length];
        for (int row = 0; row < Rows; row++)
        {
            queries[(((row * 4) + 0) * HeadDim) + (HeadDim / 2) - 1] = 300;
            queries[(((row * 4) + 3) * HeadDim) + (HeadDim / 2) - 1] = -300;
            keys[(((row * 2) + 0) * HeadDim) + (HeadDim / 2) - 1] = keys[(((row * 2) + 1) * HeadDim) + (HeadDim / 2) - 1] = 1;
        }
        detector.Attend(0, Rows, queries, keys, values, output, new() { Period = Period, Means = true });
        float[] reach = [.. detector.Finish("model", "test").QueryHeads[HeadScoreKind.Reach]];
        Assert.InRange(reach[0], 0, 0.15f);
        Assert.InRange(reach[3], 0.85f, 1);
        Assert.Equal(0.5f, reach[1], 0.01f); // looks nowhere: even
    }

    [Fact]
    public void Finish_NothingWatched_Throws() => Assert.Throws<InvalidOperationException>(() => new HeadDetector(Shape, Still, 64).Finish("model", "test"));

    private sealed class Close : IEqualityComparer<float>
    {
        public bool Equals(float x, float y) => MathF.Abs(x - y) < 1e-3f;

        public int GetHashCode(float value) => 0;
    }
}
