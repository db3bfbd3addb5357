namespace Actors.Attention.Tests;

/// <summary>The bundled model over contexts longer than it was trained on.</summary>
public sealed class RecallTests
{
    [Theory]
    [InlineData(0.0)]
    [InlineData(0.25)]
    [InlineData(0.5)]
    [InlineData(0.75)]
    [InlineData(1.0)]
    public void Auto_PasskeyFarBeyondTheTrainedWindow_IsAnswered(double depth)
    {
        using BundledModel model = new(AttentionPolicies.Create("auto", 512), 4000);
        string answer = model.Ask(3000, depth);
        Assert.Contains("41873", answer);
    }

    [Fact]
    public void Streaming_PasskeyOutsideItsWindow_IsForgotten()
    {
        using BundledModel model = new(AttentionPolicies.Create("streaming", 512), 4000);
        Assert.DoesNotContain("41873", model.Ask(3000, 0.25));
        using BundledModel near = new(AttentionPolicies.Create("streaming", 512), 4000);
        Assert.Contains("41873", near.Ask(3000, 1));
    }

    [Theory]
    [InlineData("streaming")]
    [InlineData("blocks")]
    [InlineData("auto")]
    public void Perplexity_BeyondTheTrainedWindow_StaysFlat(string policy)
    {
        using BundledModel model = new(AttentionPolicies.Create(policy, 512), 4000);
        double[] loss = model.Loss(512);
        Assert.All(loss[1..], bucket => Assert.InRange(bucket, 0, loss[1..].Average() + 0.75));
    }
}
