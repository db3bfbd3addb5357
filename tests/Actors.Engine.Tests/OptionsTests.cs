using System.ComponentModel.DataAnnotations;

namespace Actors.Engine.Tests;

public class OptionsTests
{
    [Theory]
    [InlineData("psychic", "psychic")]
    [InlineData("blocks:window=33", "33")]
    [InlineData("dense:share=2-9", "9")]
    public async Task CheckPolicy_ThatTheModelCannotUse_SaysWhy(string policy, string word)
    {
        await using var harness = new EngineHarness();

        Assert.Contains(word, Assert.ThrowsAny<ArgumentException>(() => harness.Engine.CheckPolicy(policy)).Message, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(0, harness.Engine.GetStatistics().ResidentBytes);
    }

    [Fact]
    public async Task CheckPolicy_Any_HoldsNothing()
    {
        await using var harness = new EngineHarness();
        foreach (string policy in Attention.AttentionPolicies.Names)
            harness.Engine.CheckPolicy(policy);
        Assert.Equal(0, harness.Engine.GetStatistics().ResidentBytes);
    }

    [Fact]
    public void ThrowIfInvalid_Defaults_AreUsable() => new EngineOptions().ThrowIfInvalid();

    [Fact]
    public void ThrowIfInvalid_SeveralFailures_NamesAll()
    {
        var options = new EngineOptions { MaxStepTokens = 1, QueueLimit = -1, EventCapacity = 0, KvBudgetBytes = 5, DefaultPolicy = "", RoomTimeout = TimeSpan.Zero };

        ValidationException error = Assert.Throws<ValidationException>(options.ThrowIfInvalid);

        foreach (string name in (string[])["MaxStepTokens", "QueueLimit", "EventCapacity", "KvBudgetBytes", "DefaultPolicy", "RoomTimeout"])
            Assert.Contains(name, error.Message);
    }

    [Fact]
    public void ThrowIfInvalid_NoRoomForPrefill_NamesBothNumbers()
    {
        var options = new EngineOptions { MaxStepTokens = 100, MaxSequencesPerStep = 64 };

        ValidationException error = Assert.Throws<ValidationException>(options.ThrowIfInvalid);

        Assert.Contains("100", error.Message);
        Assert.Contains("128", error.Message);
    }
}
