using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Actors.Kernels;

namespace Actors.Attention;

/// <summary>
/// Bounds of all complete 16-token groups of one (layer, KV head), and of their parents: level 0 is groups, a node of level n + 1 covers 16
/// nodes of level n (256, 4,096, 65,536 tokens). A parent's bounds are the min and max of its children's, in the stored element type, so
/// every bound is exact and a parent's score is an upper bound of its children's. Blocks of 16 siblings lie in columns
/// [headDim, 2, 16], which is what <see cref="BoundsKernel"/> reads. One writer; readers only between its calls.
/// </summary>
internal sealed class KeyIndex(KvElement element, int headDim)
{
    public const int Fanout = BoundsKernel.BlockGroups;
    public const int Levels = 4;
    private const int BlocksPerChunk = 16;

    private readonly int _blockBytes = headDim * 2 * Fanout * ElementBytes(element);
    private readonly List<byte[]>[] _levels = [[], [], [], []];

    /// <summary>Complete groups in the index.</summary>
    public int Groups { get; private set; }

    public long Bytes => _levels.Sum(level => (long)level.Count) * BlocksPerChunk * _blockBytes;

    public static int ElementBytes(KvElement element) => element == KvElement.Float32 ? 4 : 2;

    /// <summary>Complete nodes of a level. The tail of children that have no complete parent yet is shorter than one block per level.</summary>
    public int Nodes(int level) => Groups >> (4 * level);

    public ReadOnlySpan<byte> Block(int level, int block) => Writable(level, block);

    /// <summary>Adds the next group, and the parents that it completes.</summary>
    /// <param name="bounds">[2 = min and max, headDim] stored elements.</param>
    public void Append(ReadOnlySpan<byte> bounds)
    {
        int group = Groups;
        Span<byte> block = Prepare(0, group / Fanout);
        if (element == KvElement.Float32)
            Put(MemoryMarshal.Cast<byte, float>(bounds), MemoryMarshal.Cast<byte, float>(block), group % Fanout);
        else
            Put(MemoryMarshal.Cast<byte, short>(bounds), MemoryMarshal.Cast<byte, short>(block), group % Fanout);
        Groups++;
        for (int level = 1; level < Levels && Groups % (1 << (4 * level)) == 0; level++)
        {
            int node = Nodes(level) - 1;
            ReadOnlySpan<byte> children = Block(level - 1, node);
            block = Prepare(level, node / Fanout);
            if (element == KvElement.Float32)
                Reduce(MemoryMarshal.Cast<byte, float>(children), MemoryMarshal.Cast<byte, float>(block), node % Fanout);
            else
                Reduce(MemoryMarshal.Cast<byte, short>(children), MemoryMarshal.Cast<byte, short>(block), node % Fanout);
        }
    }

    /// <summary>Forgets the groups from <paramref name="groups"/> on. Parents are complete or absent, so none has to be made again.</summary>
    public void Truncate(int groups)
    {
        Groups = Math.Min(Groups, groups);
        for (int level = 0; level < Levels; level++)
        {
            int chunks = (Nodes(level) + (Fanout * BlocksPerChunk) - 1) / (Fanout * BlocksPerChunk);
            if (chunks < _levels[level].Count)
                _levels[level].RemoveRange(chunks, _levels[level].Count - chunks);
        }
    }

    private Span<byte> Writable(int level, int block)
        => _levels[level][block / BlocksPerChunk].AsSpan(block % BlocksPerChunk * _blockBytes, _blockBytes);

    private Span<byte> Prepare(int level, int block)
    {
        if (block / BlocksPerChunk == _levels[level].Count)
            _levels[level].Add(new byte[BlocksPerChunk * _blockBytes]);
        return Writable(level, block);
    }

    private void Put<T>(ReadOnlySpan<T> bounds, Span<T> block, int lane)
    {
        for (int i = 0; i < headDim; i++)
        {
            block[(2 * i * Fanout) + lane] = bounds[i];
            block[(((2 * i) + 1) * Fanout) + lane] = bounds[headDim + i];
        }
    }

    private void Reduce(ReadOnlySpan<float> children, Span<float> block, int lane)
    {
        for (int i = 0; i < 2 * headDim; i++)
        {
            ReadOnlySpan<float> column = children.Slice(i * Fanout, Fanout);
            block[(i * Fanout) + lane] = i % 2 == 0 ? TensorPrimitives.Min(column) : TensorPrimitives.Max(column);
        }
    }

    // The bits of binary16 and bfloat16 compare like integers once the magnitude of negative ones is flipped; flipping is its own inverse.
    private void Reduce(ReadOnlySpan<short> children, Span<short> block, int lane)
    {
        for (int i = 0; i < 2 * headDim; i++)
        {
            Vector256<short> bits = Vector256.Create(children.Slice(i * Fanout, Fanout));
            Vector256<short> order = bits ^ (Vector256.ShiftRightArithmetic(bits, 15) & Vector256.Create((short)0x7FFF));
            Vector128<short> half = i % 2 == 0 ? Vector128.Min(order.GetLower(), order.GetUpper()) : Vector128.Max(order.GetLower(), order.GetUpper());
            short best = half[0];
            for (int k = 1; k < 8; k++)
                best = i % 2 == 0 ? Math.Min(best, half[k]) : Math.Max(best, half[k]);
            block[(i * Fanout) + lane] = (short)(best ^ ((best >> 15) & 0x7FFF));
        }
    }
}
