using System.Runtime.InteropServices;
using Actors.Kernels;

namespace Actors.Attention;

/// <summary>
/// Finds the groups with the highest bounds by walking down the index: all nodes of the first level that is small enough, then the children
/// of the best nodes of each level. A node's bound is an upper bound of its children's, so nothing below a skipped node can beat what that
/// node promised. Working memory of one worker.
/// </summary>
internal sealed class GroupSearch
{
    private const int FlatNodes = 256;
    private float[] _scores = []; // 16 of each opened block
    private int[] _blocks = [];   // the opened blocks, ascending
    private int[] _best = [];
    private int _opened, _found;

    /// <summary>Nodes whose bounds were computed in the last search.</summary>
    public long Scored { get; private set; }

    /// <summary>Chosen groups, ascending, of the last search.</summary>
    public ReadOnlySpan<int> Groups => _best.AsSpan(0, _found);

    /// <summary>Searches groups [first, end).</summary>
    /// <param name="index">Index of the (layer, KV head).</param>
    /// <param name="headDim">Elements per key.</param>
    /// <param name="rounded">Query rows of <see cref="BoundsKernel.Round"/>.</param>
    /// <param name="units">What a unit of their sums is worth.</param>
    /// <param name="offsets">What each row's scores are measured against.</param>
    /// <param name="first">First candidate group.</param>
    /// <param name="end">End of the candidate groups, at most those in the index.</param>
    /// <param name="beamGroups">Groups to find.</param>
    /// <param name="openedNodes">Nodes opened per level at most.</param>
    public void Run(KeyIndex index, int headDim, ReadOnlySpan<byte> rounded, ReadOnlySpan<float> units, ReadOnlySpan<float> offsets, int first, int end, int beamGroups, int openedNodes)
    {
        Scored = 0;
        _found = 0;
        if (end <= first)
            return;
        int level = 0;
        while (level < KeyIndex.Levels - 1 && Nodes(index, level, end) > FlatNodes)
            level++;
        int blocks = (Nodes(index, level, end) + KeyIndex.Fanout - 1) / KeyIndex.Fanout;
        Reserve(Math.Max(blocks, openedNodes + 1), Math.Max(openedNodes, beamGroups) + 1);
        _opened = blocks;
        for (int block = 0; block < blocks; block++)
            _blocks[block] = block;
        for (; ; level--)
        {
            for (int i = 0; i < _opened; i++)
            {
                if (i + 1 < _opened)
                    CacheHint.Fetch(MemoryMarshal.AsBytes(index.Block(level, _blocks[i + 1]))); // scattered, beyond the reach of the hardware's guesses
                Open(index, headDim, rounded, units, offsets, level, i, first, end);
            }
            _found = Choose(level == 0 ? beamGroups : openedNodes);
            if (level == 0)
                return;
            int orphans = index.Nodes(level); // the block of children that have no complete parent yet
            _opened = _found;
            _best.AsSpan(0, _found).CopyTo(_blocks);
            if (orphans * KeyIndex.Fanout < Nodes(index, level - 1, end))
                _blocks[_opened++] = orphans;
        }
    }

    // Complete nodes of a level that begin before the end of the candidates.
    private static int Nodes(KeyIndex index, int level, int end) => Math.Min(index.Nodes(level), (int)((end + (1L << (4 * level)) - 1) >> (4 * level)));

    // Scores the 16 nodes of one block; those without a candidate group get negative infinity.
    private void Open(KeyIndex index, int headDim, ReadOnlySpan<byte> rounded, ReadOnlySpan<float> units, ReadOnlySpan<float> offsets, int level, int slot, int first, int end)
    {
        Span<float> bounds = _scores.AsSpan(slot * KeyIndex.Fanout, KeyIndex.Fanout);
        int block = _blocks[slot] * KeyIndex.Fanout;
        BoundsKernel.Score(index.Block(level, _blocks[slot]), rounded, units, offsets, headDim, bounds);
        int from = Math.Max((first >> (4 * level)) - block, 0), to = Math.Min(Nodes(index, level, end) - block, KeyIndex.Fanout);
        bounds[..Math.Min(from, KeyIndex.Fanout)].Fill(float.NegativeInfinity);
        bounds[to..].Fill(float.NegativeInfinity);
        Scored += KeyIndex.Fanout;
    }

    // The best nodes of all that were scored, ascending, in _best.
    private int Choose(int count)
    {
        int chosen = TopK.Select(_scores.AsSpan(0, _opened * KeyIndex.Fanout), count, _best), kept = 0;
        for (int i = 0; i < chosen; i++)
        {
            if (_scores[_best[i]] > float.NegativeInfinity)
                _best[kept++] = (_blocks[_best[i] / KeyIndex.Fanout] * KeyIndex.Fanout) + (_best[i] % KeyIndex.Fanout);
        }
        return kept;
    }

    private void Reserve(int blocks, int best)
    {
        if (_blocks.Length < blocks)
        {
            _blocks = new int[blocks];
            _scores = new float[blocks * KeyIndex.Fanout];
        }
        if (_best.Length < best)
            _best = new int[best];
    }
}
