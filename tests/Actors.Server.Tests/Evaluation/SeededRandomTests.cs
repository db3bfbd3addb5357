using Actors.Server.Evaluation;

namespace Actors.Server.Tests.Evaluation;

public sealed class SeededRandomTests
{
    [Fact]
    public void NextBits_Seed1234567_FollowsTheReference()
    {
        var random = new SeededRandom(1234567);

        ulong[] drawn = [random.NextBits(), random.NextBits(), random.NextBits()];

        Assert.Equal([6457827717110365317UL, 3203168211198807973UL, 9817491932198370423UL], drawn);
    }

    [Fact]
    public void Next_ManyDraws_CoversTheRangeEvenly()
    {
        var random = new SeededRandom(1);
        int[] counts = new int[10];
        for (int i = 0; i < 100_000; i++) counts[random.Next(10)]++;

        Assert.All(counts, count => Assert.InRange(count, 9_500, 10_500));
    }

    [Fact]
    public void Fork_OfEqualState_DoesNotDependOnDrawsOfOtherForks()
    {
        SeededRandom first = new SeededRandom(7).Fork(1);
        var parent = new SeededRandom(7);
        SeededRandom other = parent.Fork(0);
        other.NextBits();

        Assert.Equal(first.NextBits(), parent.Fork(1).NextBits());
    }

    [Fact]
    public void NextUuid_Drawn_IsVersion4()
    {
        var random = new SeededRandom(3);
        for (int i = 0; i < 100; i++)
        {
            string uuid = random.NextUuid();
            Assert.True(Guid.TryParseExact(uuid, "D", out _), uuid);
            Assert.Equal('4', uuid[14]);
            Assert.Contains(uuid[19], "89ab");
        }
    }
}
