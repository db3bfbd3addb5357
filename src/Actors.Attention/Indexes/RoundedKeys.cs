using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Actors.Attention;

/// <summary>
/// Keys rounded to 8 bits with one step per key, and how far each rounding went, so that a scan of them gives upper bounds of the true scores:
/// <c>q.k &lt;= unit step (q16.k8) + |q| |k - step k8| + slack</c>, where q16 is the query in 16 bits. Blocks of 16 keys lie as [headDim/2, 16, 2].
/// </summary>
internal sealed class RoundedKeys(int headDim)
{
    public const int BlockKeys = 16;
    private const int ChunkBlocks = 64;
    private const float Ulp = 1.2e-7f;
    private readonly int _pairs = (headDim + 1) / 2;
    private readonly int _largestQuery = Math.Min(short.MaxValue, int.MaxValue / (127 * headDim)); // 32-bit sums do not overflow
    private readonly List<sbyte[]> _chunks = [];
    private readonly List<float[]> _steps = []; // [64 blocks, 2 = step and error, 16]
    private float _largestNorm;

    public int Count { get; private set; }

    public int Blocks => (Count + BlockKeys - 1) / BlockKeys;

    /// <summary>Integers of <see cref="Round"/>.</summary>
    public int Pairs => _pairs;

    public long Bytes => (long)_chunks.Count * ChunkBlocks * BlockKeys * ((2 * _pairs) + (2 * sizeof(float)));

    public void Append(ReadOnlySpan<float> key)
    {
        int lane = Count % BlockKeys, block = Count / BlockKeys % ChunkBlocks;
        if (lane == 0 && block == 0)
        {
            _chunks.Add(new sbyte[ChunkBlocks * BlockKeys * 2 * _pairs]);
            _steps.Add(new float[ChunkBlocks * 2 * BlockKeys]);
        }
        Count++;
        Span<sbyte> bytes = _chunks[^1].AsSpan(block * BlockKeys * 2 * _pairs);
        float step = TensorPrimitives.MaxMagnitude(key), squares = 0;
        step = MathF.Abs(step) / 127;
        for (int i = 0; i < headDim; i++)
        {
            float rounded = step > 0 ? Math.Clamp(MathF.Round(key[i] / step), -127, 127) : 0, rest = key[i] - (step * rounded);
            squares += rest * rest;
            bytes[(i / 2 * 2 * BlockKeys) + (2 * lane) + (i % 2)] = (sbyte)rounded;
        }
        Span<float> steps = _steps[^1].AsSpan(block * 2 * BlockKeys);
        steps[lane] = step;
        steps[BlockKeys + lane] = MathF.Sqrt(squares) * (1 + (headDim * Ulp));
        _largestNorm = MathF.Max(_largestNorm, TensorPrimitives.Norm(key));
    }

    public void Truncate(int count)
    {
        Count = Math.Min(count, Count);
        int chunks = (Blocks + ChunkBlocks - 1) / ChunkBlocks;
        _chunks.RemoveRange(chunks, _chunks.Count - chunks);
        _steps.RemoveRange(chunks, _steps.Count - chunks);
    }

    /// <summary>Rounds a query to 16 bits, two channels in one integer, and says what its bounds need beside the integer sums.</summary>
    public RoundedQuery Round(ReadOnlySpan<float> query, Span<int> pairs)
    {
        float unit = MathF.Abs(TensorPrimitives.MaxMagnitude(query)) / _largestQuery, squares = 0;
        pairs.Clear();
        for (int i = 0; i < headDim; i++)
        {
            int rounded = unit > 0 ? Math.Clamp((int)MathF.Round(query[i] / unit), -_largestQuery, _largestQuery) : 0;
            float rest = query[i] - (unit * rounded);
            squares += rest * rest;
            pairs[i / 2] |= i % 2 == 0 ? rounded & 0xFFFF : rounded << 16;
        }
        float norm = TensorPrimitives.Norm(query) * (1 + (headDim * Ulp));
        return new(unit, norm, _largestNorm * ((2 * MathF.Sqrt(squares)) + (norm * (headDim + 16) * Ulp)));
    }

    /// <summary>Upper bounds of a block's 16 scores; those of keys that are not there mean nothing.</summary>
    public Vector512<float> Bound(int block, ReadOnlySpan<int> pairs, RoundedQuery query)
    {
        ref sbyte keys = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_chunks[block / ChunkBlocks]), block % ChunkBlocks * BlockKeys * 2 * _pairs);
        ref float steps = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_steps[block / ChunkBlocks]), block % ChunkBlocks * 2 * BlockKeys);
        ref int q = ref MemoryMarshal.GetReference(pairs);
        Vector512<float> bound = Vector512.ConvertToSingle(Sum(ref keys, ref q, _pairs)) * (Vector512.LoadUnsafe(ref steps) * query.Unit);
        return Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref steps, BlockKeys), Vector512.Create(query.Norm), bound) + Vector512.Create(query.Slack);
    }

    /// <summary>[headDim/2, 16, 2] of a block.</summary>
    internal ReadOnlySpan<sbyte> Block(int block) => _chunks[block / ChunkBlocks].AsSpan(block % ChunkBlocks * BlockKeys * 2 * _pairs, BlockKeys * 2 * _pairs);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<int> Sum(ref sbyte keys, ref int pairs, int count)
        => Avx512BW.IsSupported ? Sum512(ref keys, ref pairs, count) : Avx2.IsSupported ? Sum256(ref keys, ref pairs, count) : SumScalar(ref keys, ref pairs, count);

    private static Vector512<int> Sum512(ref sbyte keys, ref int pairs, int count)
    {
        Vector512<int> even = default, odd = default;
        int i = 0;
        for (; i + 2 <= count; i += 2)
        {
            even += Avx512BW.MultiplyAddAdjacent(Avx512BW.ConvertToVector512Int16(Vector256.LoadUnsafe(ref keys, (nuint)(i * 32))), Vector512.Create(Unsafe.Add(ref pairs, i)).AsInt16());
            odd += Avx512BW.MultiplyAddAdjacent(Avx512BW.ConvertToVector512Int16(Vector256.LoadUnsafe(ref keys, (nuint)((i + 1) * 32))), Vector512.Create(Unsafe.Add(ref pairs, i + 1)).AsInt16());
        }
        if (i < count)
            even += Avx512BW.MultiplyAddAdjacent(Avx512BW.ConvertToVector512Int16(Vector256.LoadUnsafe(ref keys, (nuint)(i * 32))), Vector512.Create(Unsafe.Add(ref pairs, i)).AsInt16());
        return even + odd;
    }

    private static Vector512<int> Sum256(ref sbyte keys, ref int pairs, int count)
    {
        Vector256<int> low = default, high = default;
        for (int i = 0; i < count; i++)
        {
            Vector256<short> pair = Vector256.Create(Unsafe.Add(ref pairs, i)).AsInt16();
            low += Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(Vector128.LoadUnsafe(ref keys, (nuint)(i * 32))), pair);
            high += Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(Vector128.LoadUnsafe(ref keys, (nuint)((i * 32) + 16))), pair);
        }
        return Vector512.Create(low, high);
    }

    internal static Vector512<int> SumScalar(ref sbyte keys, ref int pairs, int count)
    {
        Span<int> sums = stackalloc int[BlockKeys];
        sums.Clear();
        for (int i = 0; i < count; i++)
        {
            int first = (short)Unsafe.Add(ref pairs, i), second = Unsafe.Add(ref pairs, i) >> 16;
            for (int lane = 0; lane < BlockKeys; lane++)
                sums[lane] += (first * Unsafe.Add(ref keys, (i * 32) + (2 * lane))) + (second * Unsafe.Add(ref keys, (i * 32) + (2 * lane) + 1));
        }
        return Vector512.Create<int>(sums);
    }
}

/// <summary>What turns the integer sums of a rounded query into bounds.</summary>
/// <param name="Unit">Worth of one unit of the rounded query.</param>
/// <param name="Norm">Length of the query, rounded up.</param>
/// <param name="Slack">What rounding the query and the sums of the true score may add at most.</param>
internal readonly record struct RoundedQuery(float Unit, float Norm, float Slack);
