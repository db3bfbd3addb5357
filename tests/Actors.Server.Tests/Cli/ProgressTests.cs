using Actors.Server.Cli;

namespace Actors.Server.Tests.Cli;

public sealed class ProgressTests
{
    [Fact]
    public async Task ProgressLines_TimePasses_WritesOneLinePerIntervalAndTheLast()
    {
        var time = new ManualTime();
        var output = new StringWriter();
        await using (var lines = new ProgressLines(output, "Ingesting a.txt", "tokens", time, TimeSpan.FromSeconds(5)))
        {
            for (int second = 1; second <= 12; second++)
            {
                time.Advance(TimeSpan.FromSeconds(1));
                lines.Report(second * 1000, 12_000, 1000);
            }
        }

        Assert.Equal(
            ["Ingesting a.txt: 5,000 of 12,000 tokens (42%), 1,000 tokens/s", "Ingesting a.txt: 10,000 of 12,000 tokens (83%), 1,000 tokens/s",
             "Ingesting a.txt: 12,000 of 12,000 tokens (100%), 1,000 tokens/s"],
            output.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void Rates_SlowerLastTenth_ShowsIt()
    {
        var time = new ManualTime();
        var rates = new RateByTenth(time);
        for (int i = 1; i <= 100; i++)
        {
            time.Advance(TimeSpan.FromSeconds(i > 90 ? 2 : 1));
            rates.Mark(i * 10);
        }

        double[] tenths = rates.Rates();

        Assert.Equal(10, tenths.Length);
        Assert.All(tenths[..9], rate => Assert.Equal(10, rate, 6));
        Assert.Equal(5, tenths[9], 6);
    }

    [Fact]
    public void Mark_Throughput_LooksBackOneWindow()
    {
        var time = new ManualTime();
        var throughput = new Throughput(time, TimeSpan.FromSeconds(10));
        Assert.Null(throughput.Mark(0));
        time.Advance(TimeSpan.FromSeconds(100));
        throughput.Mark(100);
        time.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(100, throughput.Mark(600)!.Value, 6);
    }
}
