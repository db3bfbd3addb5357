using Actors.Attention;
using Actors.Engine;
using Actors.Grains.Abstractions;
using Actors.Testing;

namespace Actors.Grains.Tests;

public sealed class FidelityTests
{
    [Fact]
    public async Task GetInfo_AfterTurnsAndARestart_PublishesTheMeansByPolicy()
    {
        using var folder = new TemporaryDirectory();
        SessionInfo first, second;
        await using (TestSilo silo = await TestSilo.StartAsync(folder.Path, fidelity: 1))
        {
            ISessionGrain session = silo.Session("a");
            await session.IngestAllAsync(Requests.Prose(40) with { Policy = "streaming:window=64" });
            Assert.Empty((await session.GetInfoAsync())!.Fidelity);
            await session.RunAsync(Requests.Endless("Hello.", 5));
            first = (await session.GetInfoAsync())!;
        }

        await using TestSilo again = await TestSilo.StartAsync(folder.Path, fidelity: 1);
        Assert.Equal(first.Fidelity.ToArray(), (await again.Session("a").GetInfoAsync())!.Fidelity.ToArray());
        await again.Session("a").RunAsync(Requests.Endless("Hello.", 5));
        await again.Session("a").ChangePolicyAsync("dense");
        await again.Session("a").RunAsync(Requests.Endless("Hello.", 5));
        second = (await again.Session("a").GetInfoAsync())!;

        SessionFidelity streaming = Assert.Single(first.Fidelity);
        Assert.Equal(("streaming:window=64", 0), (streaming.Policy, streaming.Skipped));
        Assert.InRange(streaming.Samples, 4, 6);
        Assert.InRange(streaming.Recall, 0.01, 0.99);
        Assert.InRange(streaming.OutputError, 0.01, 2);
        Assert.InRange(streaming.KeysTouched, 0.01, 0.5);
        Assert.Equal(["streaming:window=64", "dense"], second.Fidelity.Select(entry => entry.Policy));
        Assert.InRange(second.Fidelity[0].Samples, streaming.Samples + 4, streaming.Samples + 6);
        Assert.Equal((1.0, 1.0), (Math.Round(second.Fidelity[1].Recall, 4), second.Fidelity[1].KeysTouched));
    }

    [Fact]
    public void Merge_OfTwoStarts_IsTheMeanOfAllSamples()
    {
        SessionFidelity[] earlier = [Of("a", 1, 0.5), Of("b", 3, 0.6)];
        PolicyFidelity[] now = [new("b", new FidelityReport(1, 2, 1, 0.2, 0.4)), new("c", new FidelityReport(0, 7, 0, 0, 0))];

        IReadOnlyList<SessionFidelity> merged = FidelityMeans.Merge(earlier, now);

        Assert.Equal(["a", "b", "c"], merged.Select(entry => entry.Policy));
        Assert.Equal((4L, 2L), (merged[1].Samples, merged[1].Skipped));
        Assert.Equal((0.7, 0.05, 0.1), (Math.Round(merged[1].Recall, 9), Math.Round(merged[1].OutputError, 9), Math.Round(merged[1].KeysTouched, 9)));
        Assert.Equal((0L, 7L, 0.0), (merged[2].Samples, merged[2].Skipped, merged[2].Recall));
        Assert.Equal(merged, FidelityMeans.Read(FidelityMeans.ToJson(merged)));
        Assert.Empty(FidelityMeans.Read("{"));
    }

    private static SessionFidelity Of(string policy, long samples, double recall) => new() { Policy = policy, Samples = samples, Recall = recall };
}
