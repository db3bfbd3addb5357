namespace Actors.KvCache;

/// <summary>
/// The background task of a pool that stores sealed pages while sequences grow. Each table waits in its queue at most once, so the
/// queue is bounded by the tables.
/// </summary>
internal sealed class PageSaver
{
    private readonly Lock _gate = new();
    private readonly HashSet<PageSaving> _waiting = [];
    private bool _running;

    internal void Enqueue(PageSaving saving)
    {
        lock (_gate)
        {
            _waiting.Add(saving);
            if (_running) return;
            _running = true;
        }

        _ = Task.Run(RunAsync);
    }

    private async Task RunAsync()
    {
        while (true)
        {
            PageSaving next;
            lock (_gate)
            {
                if (_waiting.Count == 0)
                {
                    _running = false;
                    return;
                }

                next = _waiting.First();
                _waiting.Remove(next);
            }

            try
            {
                await next.StoreNextAsync(1, CancellationToken.None);
            }
            catch (IOException)
            {
                // Kept by the table: its next reservation or save reports it.
            }
        }
    }
}
