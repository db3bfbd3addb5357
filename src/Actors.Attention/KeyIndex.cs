using System.Runtime.InteropServices;
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

    /// <summary>Nodes of a level that cover the first <paramref name="groups"/> groups.</summary>
    public static int Nodes(int level, int groups) => (int)((groups + (1L << (4 * level)) - 1) >> (4 * level));

    public ReadOnlySpan<byte> Block(int level, int block) => Writable(level, block);

    /// <summary>Adds the next group.</summary>
    /// <param name="bounds">[2 = min and max, headDim] stored elements.</param>
    public void Append(ReadOnlySpan<byte> bounds)
    {
        int group = Groups++;
        for (int level = 0; level < Levels; level++)
        {
            int node = group >> (4 * level), block = node / Fanout;
            if (block / BlocksPerChunk == _levels[level].Count)
                _levels[level].Add(GC.AllocateUninitializedArray<byte>(BlocksPerChunk * _blockBytes));
            bool first = (group & ((1 << (4 * level)) - 1)) == 0;
            Span<byte> target = Writable(level, block);
            if (element == KvElement.Float32)
                Widen(MemoryMarshal.Cast<byte, float>(bounds), MemoryMarshal.Cast<byte, float>(target), node % Fanout, first);
            else
                Widen(MemoryMarshal.Cast<byte, HalfBits>(bounds), MemoryMarshal.Cast<byte, HalfBits>(target), node % Fanout, first);
        }
    }

    /// <summary>Forgets the groups from <paramref name="groups"/> on and makes their parents tight again.</summary>
    public void Truncate(int groups)
    {
        if (groups >= Groups)
            return;
        int keep = groups & ~4095; // whole nodes of every level
        Span<byte> bounds = new byte[(groups - keep) * _blockBytes / Fanout];
        int size = _blockBytes / Fanout, elementBytes = ElementBytes(element);
        for (int group = keep; group < groups; group++)
        {
            ReadOnlySpan<byte> block = Block(0, group / Fanout);
            for (int i = 0; i < 2 * headDim; i++)
            {
                int channel = i < headDim ? 2 * i : (2 * (i - headDim)) + 1;
                block.Slice(((channel * Fanout) + (group % Fanout)) * elementBytes, elementBytes).CopyTo(bounds[(((group - keep) * size) + (i * elementBytes))..]);
            }
        }
        Groups = keep;
        for (int group = keep; group < groups; group++)
            Append(bounds.Slice((group - keep) * size, size));
        for (int level = 0; level < Levels; level++)
        {
            int chunks = (Nodes(level, Groups) + (Fanout * BlocksPerChunk) - 1) / (Fanout * BlocksPerChunk);
            _levels[level].RemoveRange(chunks, _levels[level].Count - chunks);
        }
    }

    private Span<byte> Writable(int level, int block)
        => _levels[level][block / BlocksPerChunk].AsSpan(block % BlocksPerChunk * _blockBytes, _blockBytes);

    private void Widen<T>(ReadOnlySpan<T> bounds, Span<T> block, int lane, bool first)
        where T : struct, IComparable<T>
    {
        for (int i = 0; i < headDim; i++)
        {
            ref T low = ref block[(2 * i * Fanout) + lane], high = ref block[(((2 * i) + 1) * Fanout) + lane];
            T min = bounds[i], max = bounds[headDim + i];
            if (first || min.CompareTo(low) < 0)
                low = min;
            if (first || max.CompareTo(high) > 0)
                high = max;
        }
    }

    // The bits of binary16 and bfloat16 compare like integers once the magnitude of negative ones is flipped.
    private readonly record struct HalfBits(short Bits) : IComparable<HalfBits>
    {
        public int CompareTo(HalfBits other) => Order(Bits) - Order(other.Bits);

        private static int Order(short bits) => bits ^ ((bits >> 15) & 0x7FFF);
    }
}
