namespace Actors.Kernels.Tests;

public sealed class ComputePoolTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Run_AnyNumberOfTasks_ExecutesEachOnce(int workers)
    {
        using var pool = new ComputePool(workers);
        for (int tasks = 0; tasks < 200; tasks++)
        {
            var work = new Counting(tasks, workers);
            pool.Run(work, tasks);
            Assert.All(work.Executions, count => Assert.Equal(1, count));
        }
    }

    [Fact]
    public void Run_ManyShortRunsWithPauses_NeverLosesOrRepeatsATask()
    {
        using var pool = new ComputePool(3);
        var work = new Counting(4, 3);
        for (int run = 1; run <= 20_000; run++)
        {
            pool.Run(work, 4);
            Assert.Equal([run, run, run, run], work.Executions);
            if (run % 5000 == 0)
            {
                using var pause = new ManualResetEventSlim();
                pause.Wait(TimeSpan.FromMilliseconds(2)); // Long enough for the workers to fall asleep.
            }
        }
    }

    [Fact]
    public void Run_WorkersInParallel_NeverShareANumber()
    {
        using var pool = new ComputePool(4);
        var work = new Exclusive(4);
        for (int run = 0; run < 200; run++)
        {
            pool.Run(work, 64);
        }

        Assert.Equal(0, work.Collisions);
    }

    [Fact]
    public void Run_TasksThatThrow_RunsTheOthersAndThrowsAfterwards()
    {
        using var pool = new ComputePool(2);
        var work = new Throwing(10);
        var failure = Assert.Throws<InvalidDataException>(() => pool.Run(work, 10));
        Assert.StartsWith("task ", failure.Message, StringComparison.Ordinal);
        Assert.Equal(10, work.Executed);
        pool.Run(new Counting(3, 2), 3);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Run_InsideARun_Throws(int workers)
    {
        using var pool = new ComputePool(workers);
        Assert.Throws<InvalidOperationException>(() => pool.Run(new Nested(pool), 1));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Run_WarmedUp_AllocatesNothing(int workers)
    {
        using var pool = new ComputePool(workers);
        var work = new Counting(8, workers);
        pool.Run(work, 8);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int run = 0; run < 100; run++)
        {
            pool.Run(work, 8);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(ComputePool.MaxWorkers + 1)]
    public void Constructor_WorkersOutOfRange_Throws(int workers) => Assert.Throws<ArgumentOutOfRangeException>(() => new ComputePool(workers));

    [Fact]
    public void Run_AfterDispose_Throws()
    {
        var pool = new ComputePool(2);
        pool.Dispose();
        Assert.Throws<ObjectDisposedException>(() => pool.Run(new Counting(1, 2), 1));
    }

    private sealed class Counting(int tasks, int workers) : IParallelWork
    {
        public int[] Executions { get; } = new int[tasks];

        public void Execute(int task, int worker)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)worker, (uint)workers);
            Interlocked.Increment(ref Executions[task]);
        }
    }

    private sealed class Exclusive(int workers) : IParallelWork
    {
        private readonly int[] _inside = new int[workers];
        private int _collisions;

        public int Collisions => _collisions;

        public void Execute(int task, int worker)
        {
            if (Interlocked.Increment(ref _inside[worker]) != 1)
            {
                Interlocked.Increment(ref _collisions);
            }

            Thread.SpinWait(20);
            Interlocked.Decrement(ref _inside[worker]);
        }
    }

    private sealed class Throwing(int tasks) : IParallelWork
    {
        private int _executed;

        public int Executed => _executed;

        public void Execute(int task, int worker)
        {
            Interlocked.Increment(ref _executed);
            if (task % 3 == tasks % 3)
            {
                throw new InvalidDataException($"task {task}");
            }
        }
    }

    private sealed class Nested(ComputePool pool) : IParallelWork
    {
        public void Execute(int task, int worker) => pool.Run(this, 1);
    }
}
