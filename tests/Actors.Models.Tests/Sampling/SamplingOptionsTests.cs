namespace Actors.Models.Tests;

public sealed class SamplingOptionsTests
{
    [Fact]
    public void Validate_Defaults_AreFine() => Assert.Empty(new SamplingOptions().Validate(100));

    [Fact]
    public void Validate_Limits_AreFine() => Assert.Empty(new SamplingOptions
    {
        Temperature = 100, TopK = int.MaxValue, TopP = 0, MinP = 1, RepetitionPenalty = 100, PresencePenalty = -2, FrequencyPenalty = 2,
        LogitBias = new Dictionary<int, float> { [0] = -100, [99] = 100 }, Seed = long.MinValue, Stop = [new string('x', SamplingOptions.MaxStopLength)],
        TopLogProbabilities = SamplingOptions.MaxTopLogProbabilities, LogProbabilities = true,
    }.Validate(100));

    [Fact]
    public void Validate_EverythingWrong_ListsEveryValue()
    {
        var failures = new SamplingOptions
        {
            Temperature = float.NaN, TopK = -1, TopP = 1.5f, MinP = -0.5f, RepetitionPenalty = 0, PresencePenalty = 3, FrequencyPenalty = -3,
            LogitBias = new Dictionary<int, float> { [100] = 5, [-1] = 0, [1] = 101 }, Stop = ["", new string('x', 2000)], TopLogProbabilities = 21,
        }.Validate(100);
        string[] expected =
        [
            "Temperature is NaN", "TopK is -1", "TopP is 1.5", "MinP is -0.5", "RepetitionPenalty is 0", "PresencePenalty is 3",
            "FrequencyPenalty is -3", "names token 100; tokens of this model are 0 to 99", "names token -1", "LogitBias of token 1 is 101",
            "empty string", "2000 characters", "TopLogProbabilities is 21",
        ];
        Assert.Equal(expected.Length, failures.Count);
        Assert.All(expected, text => Assert.Single(failures, failure => failure.Contains(text)));
    }

    [Fact]
    public void Validate_TooMany_NamesTheCounts()
    {
        var failures = new SamplingOptions
        {
            Stop = [.. Enumerable.Repeat("x", 17)], LogitBias = Enumerable.Range(0, 5000).ToDictionary(i => i, _ => 0f), TopLogProbabilities = 5,
        }.Validate();
        Assert.Equal(3, failures.Count);
        Assert.Contains(failures, failure => failure.Contains("17 strings; at most 16"));
        Assert.Contains(failures, failure => failure.Contains("5000 entries; at most 4096"));
        Assert.Contains(failures, failure => failure.Contains("needs LogProbabilities"));
    }

    [Fact]
    public void Sampler_InvalidOptions_ThrowsWithEveryFailure()
    {
        var error = Assert.Throws<ArgumentException>(() => new Sampler(new SamplingOptions { TopK = -1, TopP = 2 }, 10));
        Assert.Contains("TopK is -1", error.Message);
        Assert.Contains("TopP is 2", error.Message);
    }
}
