using Actors.Engine;

namespace Actors.Engine.Tests;

/// <summary>Reads a turn event by event, when the test says so. The turn is in the queue when the constructor returns.</summary>
internal sealed class ReplyStream : IAsyncDisposable
{
    private readonly EngineHarness _harness;
    private readonly CancellationTokenSource _cancellation = new();
    private readonly IAsyncEnumerator<EngineEvent> _events;
    private Task<bool>? _next;

    public ReplyStream(EngineHarness harness, EngineSequence sequence, EngineTurn turn)
    {
        _harness = harness;
        _events = harness.Engine.RunAsync(sequence, turn, _cancellation.Token).GetAsyncEnumerator(CancellationToken.None);
        _next = _events.MoveNextAsync().AsTask();
    }

    /// <summary>The next event; makes steps until there is one. Null at the end.</summary>
    public async Task<EngineEvent?> NextAsync()
    {
        _next ??= _events.MoveNextAsync().AsTask();
        bool any = await _harness.DriveAsync(_next);
        _next = null;
        return any ? _events.Current : null;
    }

    /// <summary>Reads on until the turn has ended.</summary>
    public async Task<List<EngineEvent>> RestAsync()
    {
        List<EngineEvent> events = [];
        while (await NextAsync() is { } item)
            events.Add(item);
        return events;
    }

    /// <summary>The caller's cancellation token fires.</summary>
    public void Cancel() => _cancellation.Cancel();

    /// <summary>Leaves; the rest is not read.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_next is not null)
        {
            await _cancellation.CancelAsync();
            await _harness.DriveAsync(((Task)_next).ContinueWith(_ => { }, TaskScheduler.Default));
        }
        await _harness.DriveAsync(_events.DisposeAsync().AsTask());
        _cancellation.Dispose();
    }
}
