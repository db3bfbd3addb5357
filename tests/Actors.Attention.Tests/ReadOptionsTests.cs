using Actors.Testing;

namespace Actors.Attention.Tests;

public sealed class ReadOptionsTests
{
    private static readonly AttentionShape Shape = new(1, 6, 2, 32);

    [Theory]
    [InlineData("dense")]
    [InlineData("blocks:window=64")]
    public void Temperature_OfAllHeads_EqualsScaledQueries(string policy)
    {
        RandomSequence plain = new(300, seed: 21, sharpness: 3), flatter = new(300, seed: 21, sharpness: 2);
        float[] expected = plain.Run(AttentionPolicies.Create(policy, 512), [100, 1]), actual = flatter.Run(AttentionPolicies.Create(policy + ":temperature=1.5", 512), [100, 1]);
        for (int i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], actual[i], 1e-4f);
    }

    [Fact]
    public void Temperature_OfOneHead_ChangesThatHeadAlone()
    {
        using TemporaryDirectory directory = new();
        File.WriteAllText(Path.Combine(directory.Path, HeadTemperatures.FileName), """{ "model": "weights", "temperatures": [[1, 1, 1, 1, 2.5, 1]] }""");
        PolicyEnvironment environment = new(512) { Shape = Shape, ModelDirectory = directory.Path, ModelFingerprint = "weights" };
        RandomSequence sequence = new(80, seed: 22);
        IAttentionPolicy policy = AttentionPolicies.Create("dense:temperature=heads", environment);
        float[] one = sequence.Run(new DensePolicy(), [80]), other = sequence.Run(policy, [80]);
        for (int head = 0; head < 6; head++)
        {
            int start = ((79 * 6) + head) * 32;
            Assert.Equal(head != 4, one.AsSpan(start, 32).SequenceEqual(other.AsSpan(start, 32)));
        }
        Assert.Contains("temperatures=", policy.Fingerprint);
        Assert.NotEqual(policy.Fingerprint, AttentionPolicies.Create("dense:temperature=2.5", environment).Fingerprint);
    }

    [Theory]
    [InlineData("other", "[[1, 1, 1, 1, 1, 1]]", "made for the model 'other'")]
    [InlineData("weights", "[[1, 1]]", "1 layers of 2 heads")]
    [InlineData("weights", "[[1, 1, 1, 1, 1, 99]]", "99")]
    [InlineData("weights", "[3]", "cannot be used")]
    [InlineData("weights", null, "cannot be used")]
    public void Temperature_UnusableFile_SaysWhy(string model, string? temperatures, string words)
    {
        using TemporaryDirectory directory = new();
        if (temperatures is not null)
            File.WriteAllText(Path.Combine(directory.Path, HeadTemperatures.FileName), $$"""{ "model": "{{model}}", "temperatures": {{temperatures}} }""");
        PolicyEnvironment environment = new(512) { Shape = Shape, ModelDirectory = directory.Path, ModelFingerprint = "weights" };
        Assert.Contains(words, Assert.ThrowsAny<ArgumentException>(() => AttentionPolicies.Create("auto:temperature=heads", environment)).Message);
    }

    [Theory]
    [InlineData("auto:temperature=0", "temperature is 0")]
    [InlineData("auto:temperature=11:window=3", "temperature is 11", "WindowTokens is 3")]
    [InlineData("auto:temperature=warm", "temperature is 'warm'")]
    [InlineData("auto:temperature=heads", "model directory")]
    [InlineData("auto:prefill.window=64", "prefill.window", "prefill=")]
    [InlineData("auto:prefill=streaming:prefill.window=0:prefill.x=1", "WindowTokens is 0", "no option 'x'")]
    [InlineData("auto:prefill=streaming:prefill.prefill=dense", "no option 'prefill'")]
    public void Create_BadOptions_NamesThem(string spec, params string[] words)
    {
        string message = Assert.ThrowsAny<ArgumentException>(() => AttentionPolicies.Create(spec, 512)).Message;
        Assert.All(words, word => Assert.Contains(word, message));
    }

    [Fact]
    public void Prefill_WithItsOwnOptions_ReadsWithThem()
    {
        RandomSequence sequence = new(400, seed: 23);
        IAttentionPolicy mixed = AttentionPolicies.Create("dense:prefill=streaming:prefill.window=64:prefill.sinks=8", 512);
        Assert.Equal(sequence.Run(AttentionPolicies.Create("streaming:window=64:sinks=8", 512), [200]), sequence.Run(mixed, [200]));
        Assert.Equal(sequence.Run(new DensePolicy(), [20]), sequence.Run(mixed, [20]));
    }
}
