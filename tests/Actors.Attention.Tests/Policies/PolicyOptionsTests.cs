namespace Actors.Attention.Tests.Policies;

public sealed class PolicyOptionsTests
{
    [Fact]
    public void Create_EveryName_GivesThatPolicyWithItsOwnFingerprint()
    {
        List<IAttentionPolicy> policies = [.. AttentionPolicies.Names.Select(name => AttentionPolicies.Create(name, BundledModel.Environment))];
        Assert.Equal(AttentionPolicies.Names, policies.Select(policy => policy.Name));
        Assert.Equal(policies.Count, policies.Select(policy => policy.Fingerprint).Distinct().Count());
    }

    [Fact]
    public void Create_UnknownName_NamesTheKnownOnes()
        => Assert.Contains("auto, dense, streaming, blocks", Assert.Throws<ArgumentException>(() => AttentionPolicies.Create("other", 512)).Message);

    [Fact]
    public void Create_TinyTrainedWindow_Throws() => Assert.Throws<ArgumentOutOfRangeException>(() => AttentionPolicies.Create("auto", 15));

    [Fact]
    public void Constructor_BadOptions_ReportsAllOfThemWithTheirValues()
    {
        BlocksOptions options = new() { SinkTokens = 5, WindowTokens = 33, Distance = 0, Selection = new() { BeamGroups = 0, KeptGroups = 9, OpenedNodes = -1, ProbeGroups = -2, ProbeMargin = float.NaN } };
        string message = Assert.Throws<ArgumentException>(() => new BlocksPolicy(options)).Message;
        foreach (string part in (string[])["SinkTokens is 5", "WindowTokens is 33", "Distance is 0", "BeamGroups is 0", "KeptGroups is 9", "OpenedNodes is -1", "ProbeGroups is -2", "ProbeMargin is NaN"])
            Assert.Contains(part, message);
        message = Assert.Throws<ArgumentException>(() => new StreamingPolicy(new() { SinkTokens = -1, WindowTokens = 0 })).Message;
        Assert.Contains("SinkTokens is -1", message);
        Assert.Contains("WindowTokens is 0", message);
    }

    [Theory]
    [InlineData(512, 384)]
    [InlineData(16, 32)]
    [InlineData(8192, 4096)]
    [InlineData(131072, 4096)]
    public void For_TrainedWindow_DerivesTheWindow(int trainedWindow, int window) => Assert.Equal(window, BlocksOptions.For(trainedWindow).WindowTokens);

    [Theory]
    [InlineData("auto")]
    [InlineData("blocks")]
    public void View_Distant_IsEqualInAQueryBlockAndStartsOnAGroup(string name)
    {
        IAttentionPolicy policy = AttentionPolicies.Create(name, 512);
        for (int position = 0; position < 3000; position++)
        {
            AttentionView view = policy.View(position);
            Assert.Equal(policy.View(position / AttentionPolicies.QueryBlockTokens * AttentionPolicies.QueryBlockTokens), view);
            Assert.Equal(0, view.WindowStart % 16);
            Assert.True(view == AttentionView.Dense || view.SinkTokens <= view.WindowStart);
            Assert.InRange(position - view.WindowStart, 0, 511);
        }
    }

    [Fact]
    public void Fingerprint_EveryOption_ChangesIt()
    {
        BlocksOptions options = new();
        string[] fingerprints =
        [
            .. new BlocksOptions[]
            {
                options, options with { SinkTokens = 32 }, options with { WindowTokens = 352 }, options with { Distance = 9 }, options with { Selection = new() { BeamGroups = 65 } },
                options with { Selection = new() { KeptGroups = 15 } }, options with { Selection = new() { OpenedNodes = 65 } }, options with { Selection = new() { ProbeGroups = 9 } },
                options with { Selection = new() { ProbeMargin = 2 } },
            }.Select(each => new BlocksPolicy(each).Fingerprint),
        ];
        Assert.Equal(fingerprints.Length, fingerprints.Distinct().Count());
    }
}
