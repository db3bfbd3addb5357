using System.ComponentModel.DataAnnotations;

namespace Actors.Engine.Tests;

public class OptionsTests
{
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
