using Actors.Server.Cli;

namespace Actors.Server.Tests.Cli;

public class MemoryBudgetTests
{
    [Theory]
    [InlineData(64, 16)]
    [InlineData(256, 80)]
    [InlineData(1024, 848)]
    public void KeysAndValues_OfTheWholeBudget_LeaveTheProgramItsShare(long memoryMiB, long expectedMiB) =>
        Assert.Equal(expectedMiB << 20, MemoryBudget.KeysAndValues(memoryMiB << 20));
}
