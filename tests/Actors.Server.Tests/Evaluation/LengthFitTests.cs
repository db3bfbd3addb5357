using Actors.Server.Evaluation;

namespace Actors.Server.Tests.Evaluation;

public sealed class LengthFitTests
{
    [Fact]
    public void Largest_EvenParts_IsTheGreatestNumberThatFits()
    {
        foreach (int part in new[] { 1, 3, 25, 64, 200 })
            for (int tokens = 10; tokens < 3000; tokens += 7)
                Assert.Equal((tokens - 10) / part, LengthFit.Largest(tokens, int.MaxValue - 1, count => 10 + (count * part), "test"));
    }

    [Fact]
    public void Largest_UnevenParts_FitsAndLeavesLittle()
    {
        var random = new SeededRandom(5);
        int[] lengths = [.. Enumerable.Range(0, 5000).Select(_ => random.Next(1, 120))];
        for (int tokens = 1000; tokens < 250_000; tokens += 9973)
        {
            int used = lengths[..LengthFit.Largest(tokens, lengths.Length, count => lengths[..count].Sum(), "test")].Sum();
            Assert.InRange(used, tokens - 200, tokens);
        }
    }

    [Fact]
    public void Largest_PartsWithoutLength_Ends()
    {
        int calls = 0;
        LengthFit.Largest(100, 1_000_000, _ => 5 + (0 * ++calls), "test");

        Assert.InRange(calls, 1, 60);
    }

    [Fact]
    public void Largest_FewParts_TakesAll() => Assert.Equal(3, LengthFit.Largest(1000, 3, count => count, "test"));
}
