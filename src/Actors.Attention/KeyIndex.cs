using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Actors.Kernels;
using Actors.KvCache;

namespace Actors.Attention;

/// <summary>
/// Bounds of all complete 16-token groups of one (layer, KV head), and of their parents: level 0 is groups, a node of level n + 1 covers 16
/// nodes of level n (256, 4,096, 65,536 tokens). A node holds each channel's maximum and negated minimum, rounded up to 8 bits, so both stay
/// bounds, and a parent is the maximum of its children. Blocks of 16 siblings lie as <see cref="BoundsKernel"/> reads them.
/// One writer; readers only between its calls.
/// </summary>
internal sealed class KeyIndex(KvFormat format, int headDim)
{
    public const int Fanout = BoundsKernel.BlockGroups;
    public const int Levels = 4;
    private const int BlocksPerChunk = 16;

    private readonly int _blockBytes = BoundsKernel.BlockBytes(headDim);
    private readonly List<sbyte[]>[] _levels = [[], [], [], []];
    private readonly float[] _steps = new float[headDim];
    private readonly float[] _bounds = new float[2 * headDim];

    /// <summary>Complete groups in the index.</summary>
    public int Groups { get; private set; }

    /// <summary>What one unit of each channel's bounds is worth: a power of two, doubled when a key outgrows it, 0 before the first key.</summary>
    public ReadOnlySpan<float> Steps => _steps;

    public long Bytes => _levels.Sum(level => (long)level.Count) * BlocksPerChunk * _blockBytes;

    /// <summary>Complete nodes of a level. The tail of children that have no complete parent yet is shorter than one block per level.</summary>
    public int Nodes(int level) => Groups >> (4 * level);

    public ReadOnlySpan<sbyte> Block(int level, int block) => Writable(level, block);

    /// <summary>Adds the next group, and the parents that it completes.</summary>
    /// <param name="bounds">[2 = min and max, headDim] stored elements.</param>
    public void Append(ReadOnlySpan<byte> bounds)
    {
        StoredElements.Read(format, bounds, _bounds);
        for (int i = 0; i < headDim; i++)
        {
            float largest = MathF.Max(MathF.Abs(_bounds[i]), MathF.Abs(_bounds[headDim + i]));
            while (largest > 127 * _steps[i])
                Coarsen(i, largest);
        }
        int lane = Groups % Fanout;
        Span<sbyte> block = Prepare(0, Groups / Fanout);
        for (int i = 0; i < headDim; i++)
        {
            float scale = _steps[i] == 0 ? 0 : 1 / _steps[i]; // exact: a power of two
            block[BoundsKernel.Offset(lane, i, 0)] = (sbyte)MathF.Ceiling(_bounds[headDim + i] * scale);
            block[BoundsKernel.Offset(lane, i, 1)] = (sbyte)MathF.Ceiling(-_bounds[i] * scale);
        }
        Groups++;
        for (int level = 1; level < Levels && Groups % (1 << (4 * level)) == 0; level++)
        {
            int node = Nodes(level) - 1;
            Reduce(Block(level - 1, node), Prepare(level, node / Fanout), node % Fanout);
        }
    }

    /// <summary>
    /// Forgets the groups from <paramref name="groups"/> on. Parents are complete or absent, so none has to be made again; but the steps may
    /// come from a key that is gone, and an index must not depend on what was forgotten, so when some go all go, and the caller fills it again.
    /// </summary>
    public void Truncate(int groups)
    {
        if (groups >= Groups)
            return;
        Groups = 0;
        Array.Clear(_steps);
        foreach (List<sbyte[]> level in _levels)
            level.Clear();
    }

    // Doubles a channel's step and halves its bounds, outwards.
    private void Coarsen(int channel, float largest)
    {
        if (_steps[channel] == 0)
        {
            _steps[channel] = MathF.ScaleB(1, Math.Max(MathF.ILogB(largest) - 6, -100));
            return;
        }
        _steps[channel] *= 2;
        foreach (List<sbyte[]> level in _levels)
        {
            foreach (sbyte[] chunk in level)
            {
                for (int block = 0; block < chunk.Length; block += _blockBytes)
                {
                    for (int lane = 0; lane < 2 * Fanout; lane++)
                    {
                        ref sbyte bound = ref chunk[block + BoundsKernel.Offset(lane / 2, channel, lane % 2)];
                        bound = (sbyte)((bound + 1) >> 1);
                    }
                }
            }
        }
    }

    private Span<sbyte> Writable(int level, int block)
        => _levels[level][block / BlocksPerChunk].AsSpan(block % BlocksPerChunk * _blockBytes, _blockBytes);

    private Span<sbyte> Prepare(int level, int block)
    {
        if (block / BlocksPerChunk == _levels[level].Count)
            _levels[level].Add(new sbyte[BlocksPerChunk * _blockBytes]);
        return Writable(level, block);
    }

    private void Reduce(ReadOnlySpan<sbyte> children, Span<sbyte> block, int lane)
    {
        for (int i = 0; i < _blockBytes; i += 64)
        {
            Vector512<sbyte> all = Vector512.Create(children.Slice(i, 64)); // 16 children, 4 bytes each
            Vector256<sbyte> half = Vector256.Max(all.GetLower(), all.GetUpper());
            Vector128<int> four = Vector128.Max(half.GetLower(), half.GetUpper()).AsInt32();
            Vector128<sbyte> two = Vector128.Max(four.AsSByte(), Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1)).AsSByte());
            Vector128<sbyte> one = Vector128.Max(two, Vector128.Shuffle(two.AsInt32(), Vector128.Create(1, 0, 3, 2)).AsSByte());
            MemoryMarshal.Write(MemoryMarshal.AsBytes(block.Slice(i + (lane * 4), 4)), one.AsInt32()[0]);
        }
    }
}
