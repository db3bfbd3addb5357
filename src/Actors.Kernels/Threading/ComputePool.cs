using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace Actors.Kernels;

/// <summary>A fixed set of threads that run short, fork-join pieces of numeric work.</summary>
/// <remarks>
/// <para>The thread that calls <see cref="Run"/> is worker 0 and takes tasks like the others, so a pool of one worker has no thread of
/// its own and is a plain loop. <see cref="Run"/> allocates nothing. Tasks are claimed one at a time, and a run ends as soon as its tasks
/// are done: it never waits for a worker that has not woken up yet.</para>
/// <para>After a run the workers watch for the next one for a short while, because a model runs several per layer, and then sleep.</para>
/// <para>One run at a time: a second concurrent or a nested <see cref="Run"/> throws. Dispose it only when no run is in progress.</para>
/// </remarks>
public sealed class ComputePool : IDisposable
{
    /// <summary>The most workers that a pool accepts.</summary>
    public const int MaxWorkers = 1024;

    private static readonly long SpinTicks = Stopwatch.Frequency / 10_000;

    private readonly Thread[] _threads;
    private readonly object _sleep = new();
    private readonly AutoResetEvent _done = new(false); // waiting on it allocates nothing, waiting on a monitor does
    private IParallelWork? _work;
    private int _tasks;
    private Exception? _failure;
    private long _ticket;
    private int _pending;
    private int _running;
    private int _sleepers;
    private bool _callerSleeps;
    private bool _stopping;

    /// <summary>Starts <paramref name="workers"/> - 1 background threads.</summary>
    /// <param name="workers">Workers including the calling thread, 1 to <see cref="MaxWorkers"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="workers"/> is out of range.</exception>
    public ComputePool(int workers)
    {
        if (workers is < 1 or > MaxWorkers)
        {
            throw new ArgumentOutOfRangeException(nameof(workers), workers, $"A compute pool has 1 to {MaxWorkers} workers; got {workers}.");
        }

        Workers = workers;
        _threads = new Thread[workers - 1];
        for (int i = 0; i < _threads.Length; i++)
        {
            int worker = i + 1;
            _threads[i] = new Thread(() => Serve(worker)) { IsBackground = true, Name = $"compute {worker}" };
            _threads[i].Start();
        }
    }

    /// <summary>Workers including the thread that calls <see cref="Run"/>.</summary>
    public int Workers { get; }

    /// <summary>Runs tasks 0 to <paramref name="tasks"/> - 1 of <paramref name="work"/> and returns when all of them have ended.</summary>
    /// <param name="work">The work; the pool forgets it when the run ends.</param>
    /// <param name="tasks">Number of tasks; 0 does nothing.</param>
    /// <exception cref="InvalidOperationException">A run is in progress, on another thread or further up this stack.</exception>
    /// <remarks>When tasks throw, the others still run and the first exception is thrown here afterwards.</remarks>
    public void Run(IParallelWork work, int tasks)
    {
        ArgumentNullException.ThrowIfNull(work);
        ArgumentOutOfRangeException.ThrowIfNegative(tasks);
        ObjectDisposedException.ThrowIf(_stopping, this);
        if (tasks == 0)
        {
            return;
        }

        if (Interlocked.Exchange(ref _running, 1) != 0)
        {
            throw new InvalidOperationException("This compute pool is already running work. One run at a time: give each thread its own pool.");
        }

        try
        {
            if (_threads.Length == 0 || tasks == 1)
            {
                for (int task = 0; task < tasks; task++)
                {
                    Execute(work, task, 0);
                }
            }
            else
            {
                RunShared(work, tasks);
            }
        }
        finally
        {
            _work = null;
            Volatile.Write(ref _running, 0);
        }

        if (Interlocked.Exchange(ref _failure, null) is { } failure)
        {
            ExceptionDispatchInfo.Throw(failure);
        }
    }

    /// <summary>Stops the threads and waits until they have ended.</summary>
    public void Dispose()
    {
        lock (_sleep)
        {
            _stopping = true;
            Monitor.PulseAll(_sleep);
        }

        foreach (Thread thread in _threads)
        {
            thread.Join();
        }

        _done.Dispose();
    }

    // The ticket holds the run's number above and its unclaimed tasks below. The fields of a run are written while the ticket of the run before
    // is spent (no task unclaimed), so whoever claims a task by exchanging the very ticket that it read has read the fields of that run.
    private void RunShared(IParallelWork work, int tasks)
    {
        _work = work;
        _tasks = tasks;
        _pending = tasks;
        Interlocked.Exchange(ref _ticket, (((_ticket >> 32) + 1) << 32) | (uint)tasks);
        if (Volatile.Read(ref _sleepers) > 0)
        {
            lock (_sleep)
            {
                Monitor.PulseAll(_sleep);
            }
        }

        TakeTasks(0);
        long started = Stopwatch.GetTimestamp();
        while (Volatile.Read(ref _pending) != 0)
        {
            if (Stopwatch.GetTimestamp() - started < SpinTicks)
            {
                Thread.SpinWait(1);
                continue;
            }

            Volatile.Write(ref _callerSleeps, true);
            Interlocked.MemoryBarrier();
            while (Volatile.Read(ref _pending) != 0)
            {
                _done.WaitOne();
            }

            Volatile.Write(ref _callerSleeps, false);
        }
    }

    private void TakeTasks(int worker)
    {
        int taken = 0;
        while (true)
        {
            long ticket = Volatile.Read(ref _ticket);
            int unclaimed = (int)ticket;
            if (unclaimed == 0)
            {
                break;
            }

            IParallelWork? work = Volatile.Read(ref _work);
            int task = Volatile.Read(ref _tasks) - unclaimed;
            if (Interlocked.CompareExchange(ref _ticket, ticket - 1, ticket) == ticket)
            {
                Execute(work!, task, worker);
                taken++;
            }
        }

        if (taken > 0 && Interlocked.Add(ref _pending, -taken) == 0 && Volatile.Read(ref _callerSleeps))
        {
            _done.Set();
        }
    }

    private void Execute(IParallelWork work, int task, int worker)
    {
        try
        {
            work.Execute(task, worker);
        }
        catch (Exception failure)
        {
            Interlocked.CompareExchange(ref _failure, failure, null);
        }
    }

    private void Serve(int worker)
    {
        while (true)
        {
            TakeTasks(worker);
            long started = Stopwatch.GetTimestamp();
            while ((int)Volatile.Read(ref _ticket) == 0 && Stopwatch.GetTimestamp() - started < SpinTicks)
            {
                Thread.SpinWait(1);
            }

            if ((int)Volatile.Read(ref _ticket) != 0)
            {
                continue;
            }

            lock (_sleep)
            {
                Interlocked.Increment(ref _sleepers);
                while ((int)Volatile.Read(ref _ticket) == 0 && !_stopping)
                {
                    Monitor.Wait(_sleep);
                }

                Interlocked.Decrement(ref _sleepers);
            }

            if (_stopping)
            {
                return;
            }
        }
    }
}
