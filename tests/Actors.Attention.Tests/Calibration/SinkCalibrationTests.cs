namespace Actors.Attention.Tests.Calibration;

public sealed class SinkCalibrationTests
{
    private const float Beta = 0.4f, Above = 0.03f;

    [Theory]
    [InlineData("dense", 3, 1)]
    [InlineData("dense", 3, 30)]
    [InlineData("streaming:window=96:sinks=4", 0, 1)]
    [InlineData("streaming:window=96:sinks=4", 0, 30)]
    [InlineData("blocks:window=96:sinks=16:probe=0:kept=64", 0, 29)]
    public void Execute_TokensThatDrawTooMuch_HaveBetaOfTheirShareAndTheRestTheRemainder(string spec, int leastSinks, int chunk)
    {
        const int First = 200;
        RandomSequence sequence = new(260, seed: 41, attentionScale: 1.1f, sharpness: 3);
        float[] outputs = sequence.Run(AttentionPolicies.Create($"{spec}:act={Beta}:act-above={Above}:act-layers=0-0", 512), [First, chunk]);
        int most = 0, window = spec[0] == 'd' ? int.MaxValue : 96;
        for (int head = 0; head < 6; head++)
        {
            List<int> sinks = Sinks(sequence, head, 176, 192, row => Keys(spec, row).Where(key => spec[0] != 'b' || key.Token < 16 || key.Token >= 64)); // sinks and window
            most = Math.Max(most, sinks.Count);
            foreach (int row in (int[])[40, 191, 199, 200, 259])
            {
                int start = spec[0] == 'b' ? Math.Max(0, (row / 32 * 32) - 96) : row + 1 - Math.Min(window, row + 1);
                var shares = sequence.Shares(row, head, Keys(spec, row));
                double drawn = shares.Where(key => IsSink(key.Token)).Sum(key => key.Share);
                bool IsSink(int token) => sinks.Contains(token) && token >= start && token >= (spec[0] switch { 's' => 96, 'b' => 64, _ => 0 }); // what the windows of all sampled rows hold
                double[] expected = new double[32];
                foreach ((int token, double share) in shares)
                {
                    double weight = IsSink(token) ? Beta * share : share * (1 - (Beta * drawn)) / (1 - drawn);
                    double[] value = sequence.Reference(row, head, [(token, 0, 0)]);
                    for (int i = 0; i < 32; i++)
                        expected[i] += weight * value[i];
                }
                for (int i = 0; i < 32; i++)
                    Assert.Equal(expected[i], outputs[(((row * 6) + head) * 32) + i], 1e-4);
            }
        }
        Assert.True(most >= leastSinks);
    }

    [Fact]
    public void Execute_LongRowInRanges_EqualsTheSameRowInAChunk()
    {
        RandomSequence sequence = new(2200, seed: 42, new(1, 2, 1, 16), sharpness: 5);
        IAttentionPolicy policy = AttentionPolicies.Create("dense:act=0.2:act-above=0.02:act-layers=0-0", 4096);
        float[] alone = sequence.Run(policy, [2100, 1], threads: 4), together = sequence.Run(policy, [2100, 20]);
        Assert.Equal(alone, together);
        Assert.NotEqual(alone[^32..], sequence.Run(new DensePolicy(), [2100, 1])[^32..]);
        Assert.NotEmpty(Sinks(sequence, 0, 2064, 2080, RandomSequence.Dense, 0.02).Concat(Sinks(sequence, 1, 2064, 2080, RandomSequence.Dense, 0.02)));
    }

    [Fact]
    public void Execute_CutAndReadAgain_EqualsNeverCut()
    {
        RandomSequence sequence = new(300, seed: 43, new(3, 6, 2, 32), sharpness: 3);
        IAttentionPolicy policy = AttentionPolicies.Create("dense:act=0.3:act-above=0.03:act-layers=1-1", 512);
        float[] whole = sequence.Run(policy, [100, 60, 1]);
        bool cut = false;
        Assert.Equal(whole, sequence.Run(policy, [100, 60, 40, 60, 1], cutTo: tokens => tokens == 200 && !cut && (cut = true) ? 100 : tokens));
    }

    [Fact]
    public void Execute_BetaOfOneOrOtherHeads_ChangesNothing()
    {
        RandomSequence sequence = new(260, seed: 44, sharpness: 3);
        float[] dense = sequence.Run(new DensePolicy(), [200, 30]), one = sequence.Run(AttentionPolicies.Create("dense:act=1:act-above=0.03:act-layers=0-0", 512), [200, 30]);
        Assert.InRange(dense.Zip(one, (x, y) => MathF.Abs(x - y)).Max(), 0, 1e-5f);
        float[] head = sequence.Run(AttentionPolicies.Create("dense:act=0:act-above=0.03:act-heads=0.1+0.4", 512), [200, 30]);
        for (int i = 0; i < 6; i++)
        {
            int start = ((259 * 6) + i) * 32;
            Assert.Equal(i is not 1 and not 4, dense.AsSpan(start, 32).SequenceEqual(head.AsSpan(start, 32)));
        }
    }

    [Fact]
    public void Execute_Spans_WeighTheirTokensInTheirLayers()
    {
        RandomSequence sequence = new(300, seed: 45, new(2, 6, 2, 32));
        float[] outputs = sequence.Run(new DensePolicy(), [200, 1], begin: attention => attention.Spans = new(0, [new(10, 40, MathF.Log(3)), new(100, 101, MathF.Log(0.5f))]));
        foreach (int row in (int[])[5, 20, 150, 299])
        {
            // Half weights are made whole by counting all others twice.
            var keys = RandomSequence.Dense(row).SelectMany(key => Enumerable.Repeat(key, key.Token is >= 10 and < 40 ? 6 : key.Token == 100 ? 1 : 2)).ToList();
            double[] expected = sequence.Reference(row, 2, keys);
            for (int i = 0; i < 32; i++)
                Assert.Equal(expected[i], outputs[(((row * 6) + 2) * 32) + i], 2e-5);
        }
        Assert.Equal(sequence.Run(new DensePolicy(), [200, 1]), sequence.Run(new DensePolicy(), [200, 1], begin: attention => attention.Spans = new(2, [new(10, 40, 1)])));
        Assert.InRange(
            outputs.Zip(sequence.Run(AttentionPolicies.Create("blocks:window=64:kept=64:probe=0:distance=64", 512), [200, 1]), (x, y) => MathF.Abs(x - y)).Max(), 0.01f, float.MaxValue);
    }

    [Theory]
    [InlineData("dense:act=2:act-above=0:act-layers=x:act-heads=1", "act is 2", "act-above is 0", "act-layers is 'x'", "act-heads has '1'")]
    [InlineData("dense:act-above=0.2", "give act")]
    [InlineData("retrieval:act=0.4", "windows that are read exactly")]
    [InlineData("dense:act=0.4:prefill=minference", "windows that are read exactly")]
    [InlineData("dense:act=0.4:act-layers=1-9:act-heads=0.7", "layers 0 to 0", "query heads 0 to 5")]
    public void Create_BadOptions_NamesThem(string spec, params string[] words)
    {
        string message = Assert.ThrowsAny<ArgumentException>(() => AttentionPolicies.Create(spec, new PolicyEnvironment(512) { Shape = new(1, 6, 2, 32) })).Message;
        Assert.All(words, word => Assert.Contains(word, message));
    }

    private static IEnumerable<(int Token, int KeyPosition, int QueryPosition)> Keys(string spec, int row)
    {
        int start = (row / 32 * 32) - 96;
        return spec[0] switch
        {
            's' when row >= 100 => Enumerable.Range(0, 4).Select(token => (token, token, 99)).Concat(Enumerable.Range(row - 95, 96).Select(token => (token, token, row))),
            'b' when start > 16 => Enumerable.Range(0, row + 1).Select(token => token < start ? (token, 0, 96) : (token, token, row)),
            _ => RandomSequence.Dense(row),
        };
    }

    private static List<int> Sinks(RandomSequence sequence, int head, int first, int end, Func<int, IEnumerable<(int Token, int KeyPosition, int QueryPosition)>> keys, double above = Above)
    {
        Dictionary<int, double> drawn = [];
        for (int row = first; row < end; row++)
        {
            foreach ((int token, double share) in sequence.Shares(row, head, keys(row)))
                drawn[token] = drawn.GetValueOrDefault(token) + (share / (end - first));
        }
        return [.. drawn.Where(each => each.Key >= 1 && each.Key < first && each.Value > above).Select(each => each.Key).Order()];
    }
}
