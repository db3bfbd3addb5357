using Orleans.Runtime;
using Xunit;

namespace Actors.Conformance.Streams;

public sealed class StreamTests(SiloFixture silo) : IClassFixture<SiloFixture>
{
    private readonly string _name = Guid.NewGuid().ToString("N");

    private IStreamGrain Grain => silo.Grains.GetGrain<IStreamGrain>(_name);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(99)]
    [InlineData(100)]
    [InlineData(101)]
    [InlineData(1000)]
    public async Task Stream_OfAnyLength_GivesAllItemsInOrder(int count)
    {
        List<int> items = [];
        await foreach (int item in Grain.CountAsync(count, default))
            items.Add(item);
        Assert.Equal(Enumerable.Range(0, count), items);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    public async Task WithBatchSize_ItemsThatAreReady_AreProducedNoFartherThanOneBatch(int batch)
    {
        await using IAsyncEnumerator<int> items = Grain.CountAsync(1000, default).WithBatchSize(batch).GetAsyncEnumerator();
        Assert.True(await items.MoveNextAsync());
        Assert.Equal(batch, await Grain.PulledAsync());
    }

    [Fact]
    public async Task WithBatchSize_NotSet_ProducesAHundredItemsAhead()
    {
        await using IAsyncEnumerator<int> items = Grain.CountAsync(1000, default).GetAsyncEnumerator();
        Assert.True(await items.MoveNextAsync());
        Assert.Equal(100, await Grain.PulledAsync());
    }

    [Fact]
    public async Task Stream_ItemBeforeAPause_ArrivesBeforeTheNextIsReady()
    {
        await using IAsyncEnumerator<string> items = Grain.GatedAsync(_name, default).GetAsyncEnumerator();
        Assert.True(await items.MoveNextAsync());
        Assert.Equal("first", items.Current);
        silo.Probe.Signal(_name + " go");
        Assert.True(await items.MoveNextAsync());
        Assert.Equal("second", items.Current);
        Assert.False(await items.MoveNextAsync());
        Assert.Equal("completed", await silo.Probe.WaitAsync(_name + " ended"));
    }

    [Fact]
    public async Task Stream_ThatPausesLongerThanTheResponseTimeout_GoesOn()
    {
        await using IAsyncEnumerator<string> items = Grain.GatedAsync(_name, default).GetAsyncEnumerator();
        Assert.True(await items.MoveNextAsync());
        ValueTask<bool> next = items.MoveNextAsync();
        await Task.Delay(SiloFixture.ResponseTimeout + SiloFixture.ResponseTimeout / 2);
        silo.Probe.Signal(_name + " go");
        Assert.True(await next);
        Assert.Equal("second", items.Current);
    }

    [Fact]
    public async Task Stream_WhileItWaits_DoesNotBlockCallsOfTheGrain()
    {
        await using IAsyncEnumerator<string> items = Grain.GatedAsync(_name, default).GetAsyncEnumerator();
        Assert.True(await items.MoveNextAsync());
        ValueTask<bool> next = items.MoveNextAsync();
        Assert.Equal(0, await Grain.PulledAsync());
        silo.Probe.Signal(_name + " go");
        Assert.True(await next);
    }

    [Fact]
    public async Task Stream_ThatThrows_GivesTheItemsAndThenTheException()
    {
        List<int> items = [];
        var e = await Assert.ThrowsAsync<InvalidOperationException>(async () =>
        {
            await foreach (int item in Grain.FailAfterAsync(3))
                items.Add(item);
        });
        Assert.Equal("failed after 3", e.Message);
        Assert.Equal([0, 1, 2], items);
    }

    [Fact]
    public async Task Stream_MutableItems_AreCopies()
    {
        List<StreamItem> items = [];
        await foreach (StreamItem item in Grain.MessagesAsync(3))
            items.Add(item);
        Assert.Equal([0, 1, 2], items.Select(i => i.Number));
    }

    [Fact]
    public async Task Stream_LeftByTheReader_RunsTheFinallyBlocksOfTheGrain()
    {
        await foreach (string item in Grain.GatedAsync(_name, default))
        {
            Assert.Equal("first", item);
            break;
        }

        Assert.Equal("cancelled", await silo.Probe.WaitAsync(_name + " ended"));
    }

    [Fact]
    public async Task Stream_TokenArgumentCancelled_CancelsTheGrainAndThrowsAtTheReader()
    {
        using var cancellation = new CancellationTokenSource();
        await using IAsyncEnumerator<string> items = Grain.GatedAsync(_name, cancellation.Token).GetAsyncEnumerator();
        Assert.True(await items.MoveNextAsync());
        ValueTask<bool> next = items.MoveNextAsync();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await next);
        Assert.Equal("cancelled", await silo.Probe.WaitAsync(_name + " ended"));
    }

    [Fact]
    public async Task Stream_TokenOfTheEnumeratorCancelled_CancelsTheGrainAndThrowsAtTheReader()
    {
        using var cancellation = new CancellationTokenSource();
        await using IAsyncEnumerator<string> items = Grain.GatedAsync(_name, default).GetAsyncEnumerator(cancellation.Token);
        Assert.True(await items.MoveNextAsync());
        ValueTask<bool> next = items.MoveNextAsync();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await next);
        Assert.Equal("cancelled", await silo.Probe.WaitAsync(_name + " ended"));
    }

    [Fact]
    public async Task Stream_NotPulledForTheResponseTimeout_IsEndedAndTheReaderIsTold()
    {
        IAsyncEnumerator<int> items = Grain.CountAsync(1000, default).WithBatchSize(1).GetAsyncEnumerator();
        Assert.True(await items.MoveNextAsync());
        IAsyncEnumerator<string> abandoned = Grain.GatedAsync(_name, default).GetAsyncEnumerator();
        Assert.True(await abandoned.MoveNextAsync());
        Assert.Equal("cancelled", await silo.Probe.WaitAsync(_name + " ended"));
        await Assert.ThrowsAsync<EnumerationAbortedException>(async () => await abandoned.MoveNextAsync());
        await Assert.ThrowsAsync<EnumerationAbortedException>(async () => await items.MoveNextAsync());
    }

    [Fact]
    public async Task Stream_WhoseActivationEnded_IsEndedAndTheReaderIsTold()
    {
        IAsyncEnumerator<string> items = Grain.GatedAsync(_name, default).GetAsyncEnumerator();
        Assert.True(await items.MoveNextAsync());
        await Grain.DeactivateAsync();
        Assert.Equal("cancelled", await silo.Probe.WaitAsync(_name + " ended"));
        await Assert.ThrowsAsync<EnumerationAbortedException>(async () => await items.MoveNextAsync());
    }

    [Fact]
    public async Task Stream_ThatIsNotEnumerated_DoesNotRun()
    {
        _ = Grain.CountAsync(10, default);
        Assert.Equal(0, await Grain.PulledAsync());
    }
}
