using FsCheck;
using FsCheck.Fluent;

namespace Actors.Models.Tests;

public sealed class SamplerTests
{
    private static readonly float[] Logits = [1f, 3f, 2f, -1f, 2.5f, 0f];

    [Fact]
    public void Sample_TemperatureZero_TakesTheBestAlways()
    {
        var sampler = new Sampler(new SamplingOptions { Temperature = 0 }, 6);
        for (int i = 0; i < 10; i++) Assert.Equal(1, sampler.Sample(Logits).Token);
        Assert.Equal(0, sampler.Sample(new float[6]).Token);
    }

    [Fact]
    public void Sample_Plain_FollowsTheSoftmax()
    {
        double[] expected = Softmax(Logits, 1);
        AssertFrequencies(expected, new SamplingOptions { Seed = 1 });
        AssertFrequencies(Softmax(Logits, 0.5), new SamplingOptions { Seed = 2, Temperature = 0.5f });
    }

    [Fact]
    public void Sample_TopK_KeepsTheBestK() =>
        AssertFrequencies(Keep(Softmax(Logits, 1), 1, 4), new SamplingOptions { Seed = 3, TopK = 2 });

    [Fact]
    public void Sample_TopP_KeepsTheFewestThatReachTheSum()
    {
        // Probabilities are about .07 .48 .18 .01 .29 .03 (of tokens 0 to 5): 0.7 needs two tokens, 0.8 three.
        AssertFrequencies(Keep(Softmax(Logits, 1), 1, 4), new SamplingOptions { Seed = 4, TopP = 0.7f });
        AssertFrequencies(Keep(Softmax(Logits, 1), 1, 4, 2), new SamplingOptions { Seed = 5, TopP = 0.8f });
        AssertFrequencies(Keep(Softmax(Logits, 1), 1), new SamplingOptions { Seed = 6, TopP = 0 });
    }

    [Fact]
    public void Sample_MinP_DropsTheImprobable()
    {
        AssertFrequencies(Keep(Softmax(Logits, 1), 1, 4, 2), new SamplingOptions { Seed = 7, MinP = 0.3f });
        AssertFrequencies(Keep(Softmax(Logits, 1), 1, 4), new SamplingOptions { Seed = 7, MinP = 0.3f, TopK = 2 });
        AssertFrequencies(Keep(Softmax(Logits, 1), 1), new SamplingOptions { Seed = 8, MinP = 1 });
    }

    [Fact]
    public void Sample_TopPAfterTopK_CountsOnlyWhatTopKKept() =>
        // Of the best two, token 1 alone has 0.62.
        AssertFrequencies(Keep(Softmax(Logits, 1), 1), new SamplingOptions { Seed = 9, TopK = 2, TopP = 0.6f });

    [Fact]
    public void Sample_EqualSeeds_GiveEqualTokens()
    {
        var options = new SamplingOptions { Seed = 42, TopP = 0.95f };
        Assert.Equal(Draw(new Sampler(options, 6), 50), Draw(new Sampler(options, 6), 50));
        Assert.NotEqual(Draw(new Sampler(options, 6), 50), Draw(new Sampler(options with { Seed = 43 }, 6), 50));
        Assert.NotEqual(Draw(new Sampler(options with { Seed = null }, 6), 50), Draw(new Sampler(options with { Seed = null }, 6), 50));
    }

    [Fact]
    public void Sample_Seed_GivesTheSameSequenceForEver() =>
        Assert.Equal([4, 1, 2, 1, 4, 4, 4, 4, 1, 1, 1, 4], Draw(new Sampler(new SamplingOptions { Seed = 2026 }, 6), 12));

    [Fact]
    public void Resume_AfterSomeTokens_GoesOnAsIfNeverStopped()
    {
        var options = new SamplingOptions { Seed = 5, FrequencyPenalty = 0.7f, RepetitionPenalty = 1.2f };
        int[] whole = Draw(new Sampler(options, 6), 40);
        var resumed = new Sampler(options, 6);
        resumed.Resume(whole.AsSpan(0, 17));
        Assert.Equal(whole[17..], Draw(resumed, 23));
    }

    [Fact]
    public void Sample_Penalties_LowerWhatWasSeen()
    {
        var greedy = new SamplingOptions { Temperature = 0 };
        var presence = new Sampler(greedy with { PresencePenalty = 1 }, 6);
        Assert.Equal([1, 4, 1, 1], Draw(presence, 4));
        var frequency = new Sampler(greedy with { FrequencyPenalty = 0.6f }, 6);
        Assert.Equal([1, 4, 1, 2], Draw(frequency, 4));
        var repetition = new Sampler(greedy with { RepetitionPenalty = 2 }, 6);
        repetition.ObservePrompt([1]);
        Assert.Equal([4, 2, 1], Draw(repetition, 3));
        var promptOnly = new Sampler(greedy with { PresencePenalty = 2 }, 6);
        promptOnly.ObservePrompt([1]);
        Assert.Equal(1, promptOnly.Sample(Logits).Token);
    }

    [Fact]
    public void Sample_RepetitionPenalty_LowersNegativeLogitsToo()
    {
        var sampler = new Sampler(new SamplingOptions { Temperature = 0, RepetitionPenalty = 3 }, 2);
        sampler.ObservePrompt([0]);
        Assert.Equal(1, sampler.Sample([-1f, -2f]).Token);
    }

    [Fact]
    public void Sample_LogitBias_ForbidsAndForces()
    {
        var bias = new Dictionary<int, float> { [1] = -100, [3] = 100 };
        Assert.Equal(3, new Sampler(new SamplingOptions { Temperature = 0, LogitBias = bias }, 6).Sample(Logits).Token);
        Assert.All(Draw(new Sampler(new SamplingOptions { LogitBias = new Dictionary<int, float> { [1] = -100 }, Seed = 1 }, 6), 200), token => Assert.NotEqual(1, token));
    }

    [Fact]
    public void Sample_LogProbabilities_AreThoseOfTheRawDistribution()
    {
        double[] expected = Softmax(Logits, 1);
        var sampler = new Sampler(
            new SamplingOptions
            {
                Seed = 1, Temperature = 0.1f, TopK = 1, FrequencyPenalty = 1, LogProbabilities = true, TopLogProbabilities = 3,
                LogitBias = new Dictionary<int, float> { [3] = 100 },
            },
            6);
        var sampled = sampler.Sample(Logits);
        Assert.Equal(3, sampled.Token);
        Assert.Equal(Math.Log(expected[3]), sampled.LogProbability, 1e-5);
        Assert.Equal([1, 4, 2], sampled.Top.Select(top => top.Token));
        Assert.All(sampled.Top, top => Assert.Equal(Math.Log(expected[top.Token]), top.LogProbability, 1e-5));
    }

    [Fact]
    public void Sample_Logits_AreNotChanged()
    {
        float[] logits = [.. Logits];
        new Sampler(new SamplingOptions { TopP = 0.5f, RepetitionPenalty = 2, Seed = 1 }, 6).Sample(logits);
        Assert.Equal(Logits, logits);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Sample_DamagedLogits_IsAClearError(float value)
    {
        var sampler = new Sampler(new SamplingOptions(), 3);
        Assert.Contains("damaged", Assert.Throws<InvalidOperationException>(() => sampler.Sample([0, value, 1])).Message);
        float none = float.NegativeInfinity;
        Assert.Throws<InvalidOperationException>(() => sampler.Sample([none, none, none]));
        Assert.Throws<ArgumentException>(() => sampler.Sample([0, 1]));
    }

    [Fact]
    public void Sample_ImpossibleTokens_AreNeverDrawn()
    {
        float[] logits = [float.NegativeInfinity, 0, float.NegativeInfinity, 0];
        foreach (var options in new[] { new SamplingOptions(), new SamplingOptions { TopP = 0.99f }, new SamplingOptions { TopK = 4 }, new SamplingOptions { MinP = 0.01f } })
        {
            var sampler = new Sampler(options, 4);
            for (int i = 0; i < 200; i++) Assert.Contains(sampler.Sample(logits).Token, (int[])[1, 3]);
        }
    }

    [Fact]
    public void Sample_FiltersOnLargeVocabularies_EqualASortedReference()
    {
        Prop.ForAll<int, int>((seed, choice) =>
        {
            var random = new Random(seed);
            var logits = new float[5000];
            for (int i = 0; i < logits.Length; i++) logits[i] = (float)(random.NextDouble() * 12 - 6);
            int topK = (choice & 1) != 0 ? random.Next(1, 6000) : 0;
            float topP = (choice & 2) != 0 ? random.NextSingle() : 1, minP = (choice & 4) != 0 ? random.NextSingle() : 0;
            float temperature = 0.2f + random.NextSingle();
            var kept = Reference(logits, temperature, topK, topP, minP);
            var sampler = new Sampler(new SamplingOptions { Seed = seed, Temperature = temperature, TopK = topK, TopP = topP, MinP = minP }, 5000);
            for (int i = 0; i < 5; i++) Assert.Contains(sampler.Sample(logits).Token, kept);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Sample_CommonOptions_AllocatesNothing()
    {
        var logits = new float[50_000];
        var random = new Random(1);
        for (int i = 0; i < logits.Length; i++) logits[i] = random.NextSingle() * 10;
        foreach (var options in new[] { new SamplingOptions { Temperature = 0 }, new SamplingOptions(), new SamplingOptions { TopK = 40, TopP = 0.9f, MinP = 0.05f, RepetitionPenalty = 1.1f } })
        {
            var sampler = new Sampler(options, logits.Length);
            for (int i = 0; i < 5; i++) sampler.Sample(logits);
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 20; i++) sampler.Sample(logits);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1024);
        }
    }

    private static HashSet<int> Reference(float[] logits, double temperature, int topK, double topP, double minP)
    {
        var sorted = Enumerable.Range(0, logits.Length).OrderByDescending(token => logits[token]).ToList();
        if (topK > 0) sorted = sorted.Take(topK).ToList();
        double best = Math.Exp(logits[sorted[0]] / temperature);
        double total = sorted.Sum(token => Math.Exp(logits[token] / temperature)), sum = 0;
        var kept = new HashSet<int>();
        foreach (int token in sorted)
        {
            double weight = Math.Exp(logits[token] / temperature);
            // Float32 rounding may move a border by one token: a hair more is allowed.
            if (kept.Count > 0 && (sum >= topP * total * (1 + 1e-5) || weight < minP * best * (1 - 1e-5))) break;
            kept.Add(token);
            sum += weight;
        }

        return kept;
    }

    private static int[] Draw(Sampler sampler, int count) => [.. Enumerable.Range(0, count).Select(_ => sampler.Sample(Logits).Token)];

    private static double[] Softmax(float[] logits, double temperature)
    {
        double[] weights = [.. logits.Select(logit => Math.Exp(logit / temperature))];
        return [.. weights.Select(weight => weight / weights.Sum())];
    }

    private static double[] Keep(double[] probabilities, params int[] tokens)
    {
        double total = tokens.Sum(token => probabilities[token]);
        return [.. probabilities.Select((p, token) => tokens.Contains(token) ? p / total : 0)];
    }

    private static void AssertFrequencies(double[] expected, SamplingOptions options)
    {
        const int Draws = 20_000;
        var counts = new int[expected.Length];
        foreach (int token in Draw(new Sampler(options, expected.Length), Draws)) counts[token]++;
        for (int token = 0; token < expected.Length; token++)
        {
            // Five standard deviations; a token of probability zero must never appear.
            double tolerance = 5 * Math.Sqrt(expected[token] * (1 - expected[token]) / Draws);
            Assert.Equal(expected[token], (double)counts[token] / Draws, tolerance);
        }
    }
}
