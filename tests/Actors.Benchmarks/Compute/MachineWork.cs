using System.Runtime.InteropServices;
using Actors.Kernels;

namespace Actors.Benchmarks.Compute;

/// <summary>The machine's limits with all workers of a pool.</summary>
public sealed unsafe class MachineWork : IParallelWork, IDisposable
{
    private const long PartBytes = 256 << 10;

    private readonly ComputePool _pool;
    private readonly byte* _data;
    private readonly long _bytes;
    private readonly float[] _sink;
    private bool _reading;

    /// <param name="pool">The workers.</param>
    /// <param name="bytes">Buffer to read, rounded up to whole parts of 256 KiB.</param>
    public MachineWork(ComputePool pool, long bytes)
    {
        _pool = pool;
        _bytes = (bytes + PartBytes - 1) / PartBytes * PartBytes;
        _data = (byte*)NativeMemory.AlignedAlloc((nuint)_bytes, 4096);
        _sink = new float[16 * pool.Workers];
        for (long offset = 0; offset < _bytes; offset += PartBytes)
        {
            new Span<byte>(_data + offset, (int)PartBytes).Fill((byte)offset);
        }
    }

    /// <summary>Bytes that <see cref="Read"/> reads.</summary>
    public long Bytes => _bytes;

    /// <summary>Floating-point operations that <see cref="Multiply"/> does.</summary>
    public double Operations => MachineLimits.FmaOperations * _pool.Workers;

    public void Read()
    {
        _reading = true;
        _pool.Run(this, (int)(_bytes / PartBytes));
    }

    public void Multiply()
    {
        _reading = false;
        _pool.Run(this, _pool.Workers);
    }

    public void Execute(int task, int worker) =>
        _sink[16 * worker] = _reading ? MachineLimits.Read(_data + task * PartBytes, PartBytes) : MachineLimits.Fma();

    public void Dispose() => NativeMemory.AlignedFree(_data);
}
