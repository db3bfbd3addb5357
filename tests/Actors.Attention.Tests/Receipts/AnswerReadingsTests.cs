namespace Actors.Attention.Tests;

public sealed class AnswerReadingsTests
{
    [Fact]
    public void Rank_OneFullLookAgainstManyGlances_PutsTheLookFirst()
    {
        AnswerReadings readings = new(1000);
        readings.Add(Receipt(new(130, 0.02f, 0.9f), new(700, 0.05f, 0.3f), new(701, 0.05f, 0.29f)));
        readings.Add(Receipt(new(700, 0.05f, 0.3f), new(690, 0.05f, 0.3f), new(131, 0.001f, 0.1f)));

        IReadOnlyList<PageReading> pages = readings.Rank(10);

        Assert.Equal([2, 10], pages.Select(page => page.Page));
        double weight = (0.81 + 0.01) / (0.81 + 0.01 + 0.09 + 0.09);
        Assert.Equal(weight, pages[0].Share, 5);
        Assert.Equal(1, pages.Sum(page => page.Share), 5);
        Assert.Equal(0.0105, pages[0].Mass, 5);
        Assert.Equal([130, 131], pages[0].Tokens.Select(token => token.Position));
        Assert.Equal([690, 700, 701], pages[1].Tokens.Select(token => token.Position));
        Assert.Single(readings.Rank(1));
    }

    [Fact]
    public void Rank_SinksQuestionAndAnswer_AreLeftOut()
    {
        AnswerReadings readings = new(640);
        readings.Add(Receipt(new(0, 0.5f, 1f), new(3, 0.1f, 1f), new(640, 0.1f, 0.9f), new(800, 0.1f, 0.9f), new(639, 0.01f, 0.2f), new(4, 0.01f, 0.1f)));
        Assert.Equal([9, 0], readings.Rank(10).Select(page => page.Page));
    }

    [Fact]
    public void Mean_OfSeveral_IsByZone()
    {
        AnswerReadings readings = new(100);
        Assert.Equal(0, readings.Mean.WindowMass);
        Assert.Empty(readings.Rank(5));
        readings.Add(new(5, [], 0.1f, 0.5f, 0.3f, 0.1f));
        readings.Add(new(6, [], 0.3f, 0.5f, 0.1f, 0.1f));
        Assert.Equal((2, 0.2f, 0.5f, 0.2f, 0.1f), (readings.Count, readings.Mean.SinkMass, readings.Mean.WindowMass, readings.Mean.MemoryMass, readings.Mean.SummaryMass));
    }

    private static AttentionReceipt Receipt(params ReadToken[] read) => new(900, read, 0, 1, 0, 0);
}
