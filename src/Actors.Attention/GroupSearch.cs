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
    private float[] _scores = [];
    private int[] _nodes = [];
    private int[] _best = [];

    /// <summary>Nodes whose bounds were computed in the last search.</summary>
    public long Scored { get; private set; }

    /// <summary>Chosen groups, ascending, of the last search.</summary>
    public ReadOnlySpan<int> Groups => _nodes.AsSpan(0, _found);

    private int _found;

    /// <summary>Searches groups [first, end).</summary>
    /// <param name="index">Index of the (layer, KV head).</param>
    /// <param name="headDim">Elements per key.</param>
    /// <param name="split">Query rows, split by sign.</param>
    /// <param name="offsets">What each row's scores are measured against.</param>
    /// <param name="first">First candidate group.</param>
    /// <param name="end">End of the candidate groups, at most those in the index.</param>
    /// <param name="beamGroups">Groups to find.</param>
    /// <param name="openedNodes">Nodes opened per level at most.</param>
    public void Run(
        KeyIndex index, int headDim, ReadOnlySpan<float> split, ReadOnlySpan<float> offsets, int first, int end, int beamGroups, int openedNodes)
    {
        Scored = 0;
        _found = 0;
        if (end <= first)
            return;
        int level = 0;
        while (level < KeyIndex.Levels - 1 && Nodes(index, level, end) > FlatNodes)
            level++;
        int nodes = Nodes(index, level, end), candidates = 0;
        Reserve(Math.Max(nodes + KeyIndex.Fanout, (openedNodes + 1) * KeyIndex.Fanout), Math.Max(openedNodes, beamGroups));
        for (int node = 0; node < nodes; node += KeyIndex.Fanout)
            candidates = Open(index, headDim, split, offsets, level, node / KeyIndex.Fanout, first, end, candidates);
        for (; level > 0; level--)
        {
            int opened = TopK.Select(_scores.AsSpan(0, candidates), openedNodes, _best);
            for (int i = 0; i < opened; i++)
                _best[i] = _nodes[_best[i]];
            candidates = 0;
            for (int i = 0; i < opened; i++)
            {
                if (i + 1 < opened)
                    CacheHint.Fetch(MemoryMarshal.AsBytes(index.Block(level - 1, _best[i + 1]))); // blocks lie scattered, beyond the reach of the hardware's guesses
                candidates = Open(index, headDim, split, offsets, level - 1, _best[i], first, end, candidates);
            }
            int orphans = index.Nodes(level); // their block has no complete parent yet
            if (orphans * KeyIndex.Fanout < Nodes(index, level - 1, end))
                candidates = Open(index, headDim, split, offsets, level - 1, orphans, first, end, candidates);
        }
        _found = TopK.Select(_scores.AsSpan(0, candidates), beamGroups, _best);
        for (int i = 0; i < _found; i++)
            _nodes[i] = _nodes[_best[i]];
    }

    // Complete nodes of a level that begin before the end of the candidates.
    private static int Nodes(KeyIndex index, int level, int end) => Math.Min(index.Nodes(level), (int)((end + (1L << (4 * level)) - 1) >> (4 * level)));

    // Scores the 16 nodes of one block and appends those that hold a candidate group.
    private int Open(
        KeyIndex index, int headDim, ReadOnlySpan<float> split, ReadOnlySpan<float> offsets, int level, int block, int first, int end, int candidates)
    {
        Span<float> bounds = stackalloc float[KeyIndex.Fanout];
        BoundsKernel.Score(index.Block(level, block), split, offsets, headDim, bounds);
        int from = Math.Max(block * KeyIndex.Fanout, first >> (4 * level));
        int to = Math.Min((block + 1) * KeyIndex.Fanout, Nodes(index, level, end));
        for (int node = from; node < to; node++)
        {
            _scores[candidates] = bounds[node - (block * KeyIndex.Fanout)];
            _nodes[candidates++] = node;
        }
        Scored += KeyIndex.Fanout;
        return candidates;
    }

    private void Reserve(int candidates, int best)
    {
        if (_scores.Length < candidates)
        {
            _scores = new float[candidates];
            _nodes = new int[candidates];
        }
        if (_best.Length < best)
            _best = new int[best];
    }
}
