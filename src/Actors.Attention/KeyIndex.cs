using System.Runtime.Intrinsics;
using Actors.Kernels;
using Actors.KvCache;

namespace Actors.Attention;

/// <summary>
/// Bounds of all complete 16-token groups of one (layer, KV head), and of their parents: level 0 is groups, a node of level n + 1 covers 16
/// nodes of level n (256, 4,096, 65,536 tokens). Every bound is rounded outwards to 8 bits, so it stays a bound, and a parent's score is an
/// upper bound of its children's. Blocks of 16 siblings lie in columns [headDim, 2, 16], which is what <see cref="BoundsKernel"/> reads.
/// One writer; readers only between its calls.
/// </summary>
internal sealed class KeyIndex(KvFormat format, int headDim)
{
    public const int Fanout = BoundsKernel.BlockGroups;
    public const int Levels = 4;
    private const int BlocksPerChunk = 16;

    private readonly int _blockBytes = headDim * 2 * Fanout;
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
            block[(2 * i * Fanout) + lane] = (sbyte)MathF.Floor(_bounds[i] * scale);
            block[(((2 * i) + 1) * Fanout) + lane] = (sbyte)MathF.Ceiling(_bounds[headDim + i] * scale);
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
                    Span<sbyte> low = chunk.AsSpan(block + (2 * channel * Fanout), Fanout), high = chunk.AsSpan(block + (((2 * channel) + 1) * Fanout), Fanout);
                    for (int lane = 0; lane < Fanout; lane++)
                    {
                        low[lane] = (sbyte)(low[lane] >> 1);
                        high[lane] = (sbyte)((high[lane] + 1) >> 1);
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
        for (int i = 0; i < 2 * headDim; i++)
        {
            Vector128<sbyte> column = Vector128.Create(children.Slice(i * Fanout, Fanout));
            for (int half = 8; half > 0; half /= 2)
            {
                Vector128<sbyte> other = Vector128.Shuffle(column, Vector128.CreateSequence((sbyte)half, (sbyte)1) & Vector128.Create((sbyte)15));
                column = i % 2 == 0 ? Vector128.Min(column, other) : Vector128.Max(column, other);
            }
            block[(i * Fanout) + lane] = column[0];
        }
    }
}
