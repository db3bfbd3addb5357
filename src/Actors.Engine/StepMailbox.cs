using System.Collections.Concurrent;

namespace Actors.Engine;

/// <summary>
/// Lets other threads have something done on the step thread between two steps, when no page is being read. After <see cref="Close"/>
/// there are no steps any more, and what is asked for runs at once.
/// </summary>
internal sealed class StepMailbox(Action wake)
{
    private readonly ConcurrentQueue<Request> _requests = [];
    private readonly Lock _runLock = new();
    private volatile bool _closed;

    public Task InvokeAsync(Action action)
    {
        var request = new Request(action);
        _requests.Enqueue(request);
        if (_closed)
            RunAll();
        else
            wake();
        return request.Task;
    }

    /// <summary>Does what was asked for. Called by the step thread between steps.</summary>
    /// <returns>True when there was something.</returns>
    public bool RunAll()
    {
        bool any = false;
        lock (_runLock)
        {
            while (_requests.TryDequeue(out Request? request))
            {
                request.Run();
                any = true;
            }
        }
        return any;
    }

    public void Close()
    {
        _closed = true;
        RunAll();
    }

    private sealed class Request(Action action)
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Task => _done.Task;

        public void Run()
        {
            try
            {
                action();
                _done.SetResult();
            }
            catch (Exception exception)
            {
                _done.SetException(exception);
            }
        }
    }
}
