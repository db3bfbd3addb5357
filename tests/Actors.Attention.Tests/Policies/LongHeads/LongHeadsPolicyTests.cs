namespace Actors.Attention.Tests.Policies;

public sealed class LongHeadsPolicyTests
{
    private const int Chunk = 32, Budget = 160;
    private readonly RandomSequence _sequence = new(420, seed: 51, attentionScale: 1.1f, sharpness: 3);

    [Theory]
    [InlineData("keys", 1, "each")]
    [InlineData("keys", 32, "sum")]
    [InlineData("queries", 19, "each")]
    [InlineData("queries", 7, "sum")]
    public void Execute_BeyondTheBudget_ReadsTheBestChunksSideBySide(string feature, int chunk, string heads)
    {
        float[] outputs = _sequence.Run(AttentionPolicies.Create($"longheads:chunk={Chunk}:budget={Budget}:heads={heads}:feature={feature}", 512), [chunk]);
        foreach (int row in (int[])[159, 160, 200, 255, 256, 419])
        {
            for (int head = 0; head < _sequence.Shape.QueryHeads; head++)
            {
                int[] together = heads == "each" ? [head] : [.. Enumerable.Range(head / _sequence.Shape.GroupSize * _sequence.Shape.GroupSize, _sequence.Shape.GroupSize)];
                double[] expected = _sequence.Reference(row, head, Keys(row, together, feature == "queries"));
                for (int i = 0; i < expected.Length; i++)
                    Assert.Equal(expected[i], outputs[(((row * _sequence.Shape.QueryHeads) + head) * _sequence.Shape.HeadDim) + i], 1e-4);
            }
        }
    }

    [Fact]
    public void Execute_QueriesLostByACut_PoolsThatChunkByItsKeys()
    {
        IAttentionPolicy byQueries = AttentionPolicies.Create($"longheads:chunk={Chunk}:budget={Budget}:feature=queries", 512), byKeys = AttentionPolicies.Create($"longheads:chunk={Chunk}:budget={Budget}", 512);
        bool cut = false;
        float[] lost = _sequence.Run(byQueries, [20], cutTo: tokens => tokens == 400 && !cut && (cut = true) ? 50 : tokens);
        Assert.True(cut);
        Assert.All(lost, value => Assert.True(float.IsFinite(value)));
        Assert.NotEqual(_sequence.Run(byQueries, [20]), lost);
        Assert.NotEqual(_sequence.Run(byKeys, [20]), lost);
    }

    [Fact]
    public void Fingerprint_EveryOption_ChangesIt()
    {
        string[] specs = ["longheads", "longheads:chunk=64", "longheads:budget=256", "longheads:heads=max", "longheads:feature=queries"];
        Assert.Equal(specs.Length, specs.Select(spec => AttentionPolicies.Create(spec, 512).Fingerprint).Distinct().Count());
    }

    private IEnumerable<(int Token, int KeyPosition, int QueryPosition)> Keys(int row, int[] heads, bool byQueries)
    {
        if (row < Budget)
            return RandomSequence.Dense(row);
        int last = (row / Chunk) - 1;
        int[] chunks = [0, .. Enumerable.Range(1, last - 1).OrderByDescending(chunk => heads.Sum(head => Dot(_sequence.Query(row, head, 0), Feature(chunk, head, byQueries)))).Take((Budget / Chunk) - 3).Order()];
        int[] tokens = [.. chunks.SelectMany(chunk => Enumerable.Range(chunk * Chunk, Chunk)), .. Enumerable.Range(last * Chunk, row + 1 - (last * Chunk))];
        return tokens.Select((token, place) => (token, place, tokens.Length - 1));
    }

    private double[] Feature(int chunk, int head, bool byQueries)
    {
        int kvHead = head / _sequence.Shape.GroupSize;
        double scale = 1 / Math.Sqrt(_sequence.Shape.HeadDim);
        double[][] keys = [.. Enumerable.Range(0, Chunk).Select(place => _sequence.Key((chunk * Chunk) + place, kvHead, place))];
        double[][] values = [.. Enumerable.Range(chunk * Chunk, Chunk).Select(token => _sequence.Value(token, kvHead).ToArray().Select(value => (double)value).ToArray())];
        double[][] asking = byQueries
            ? [.. Enumerable.Range(0, Chunk).Select(place => _sequence.Query((chunk * Chunk) + place, head, place))]
            : [.. keys.Select(key => key.Select(value => value * scale).ToArray())];
        double[][] answers = [.. asking.Select(row => Mean(Softmax(keys.Select(key => Dot(row, key))), values))];
        double[] pooled = Mean([.. Enumerable.Repeat(1.0 / Chunk, Chunk)], answers);
        return Mean(Softmax(keys.Select(key => Dot(pooled, key) * scale)), keys);
    }

    private static double[] Softmax(IEnumerable<double> scores)
    {
        double[] all = [.. scores];
        double largest = all.Max(), sum = all.Sum(score => Math.Exp(score - largest));
        return [.. all.Select(score => Math.Exp(score - largest) / sum)];
    }

    private static double[] Mean(double[] weights, double[][] rows) => [.. rows[0].Select((_, i) => rows.Select((row, j) => weights[j] * row[i]).Sum())];

    private static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();
}
