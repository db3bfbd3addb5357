using Actors.Kernels;
using Actors.KvCache;

namespace Actors.Attention;

/// <summary>Working memory of one worker thread. It grows to what the largest call needs and then allocates nothing; not safe for concurrent use.</summary>
public sealed class AttentionScratch
{
    private AttentionScratch? _inner;

    internal GroupSearch Search { get; } = new();

    /// <summary>Working memory for a block that is read while another one is.</summary>
    internal AttentionScratch Inner => _inner ??= new();
    internal BoundsScan Scan { get; } = new();
    internal ClusterZones Zones { get; } = new();
    internal ChunkChoice Chunks { get; } = new();
    internal RangeSearch Ranges { get; } = new();
    internal SpanChoice Spans { get; } = new();

    internal FoundKeys Found { get; } = new();


    internal float[] Queries = [], InSegment = [], Rotated = [];                   // [rows, headDim]
    internal byte[] RoundedQueries = [];                                           // [rows, headDim, 2]
    internal float[] Sums = [], TotalSums = [];                                    // [rows, stride]
    internal float[] Weights = [], BeamScores = [];                                // [rows, 64], [tiles, rows, 64]
    internal float[] Maxima = [], Denominators = [], Factors = [], TotalLse = [], Offsets = [], SearchOffsets = [], Units = [], RowBest = [], GroupScores = []; // [rows], the last [groups]
    internal float[] Keys = [], Values = [];                                       // [headDim, 64], [64, stride]
    internal byte[] Block = [];                                                    // keys or values of one stored group
    internal int[] Groups = [];                                                    // distant groups to read
    internal int[] Kept = [];
    internal float[] Row = [];                                                     // [headDim], a gathered key
    internal float[] GroupCos = [], GroupSin = [];                                 // [headDim / 2, 16] of a group at any place
    internal float[] Shares = [], TileMaxima = [];                                 // [tiles, rows, 64], [tiles, rows]
    internal int[] Chosen = [];                                                    // groups of a long chunk's block
    internal int[] SlotTokens = [];
    internal float[] SlotWeights = [];                                             // [tokens, slots]
    internal int Rows, HeadDim, Stride;
    internal ReadCounts Counts;
    internal ReadRecord OwnRecord { get; } = new();

    internal ExactComparison Exact => field ??= new();

    internal ScoreBias OwnBias { get; } = new();

    internal ScoreBias? Bias;                                                      // set while scores are raised, lowered or left out
    internal ReadRecord? Record;                                                   // set while what is read is recorded

    internal void Reserve(int rows, int headDim)
    {
        Rows = rows;
        HeadDim = headDim;
        Stride = ValueTile.Stride(headDim);
        Grow(ref Queries, rows * headDim);
        Grow(ref InSegment, rows * headDim);
        Grow(ref Rotated, rows * headDim);
        Grow(ref Sums, rows * Stride);
        Grow(ref TotalSums, rows * Stride);
        Grow(ref Weights, rows * KeyTile.Tokens);
        Grow(ref Maxima, rows);
        Grow(ref Denominators, rows);
        Grow(ref Factors, rows);
        Grow(ref TotalLse, rows);
        Grow(ref Offsets, rows);
        Grow(ref SearchOffsets, rows);
        Grow(ref Units, rows);
        if (RoundedQueries.Length < 2 * rows * headDim)
            RoundedQueries = new byte[2 * rows * headDim];
        Grow(ref RowBest, rows);
        Grow(ref Keys, headDim * KeyTile.Tokens);
        Grow(ref Values, Stride * KeyTile.Tokens);
        Grow(ref Row, headDim);
        Grow(ref GroupCos, headDim / 2 * KvLayout.GroupTokens);
        Grow(ref GroupSin, headDim / 2 * KvLayout.GroupTokens);
        if (Block.Length < headDim * KvLayout.GroupTokens * sizeof(float))
            Block = new byte[headDim * KvLayout.GroupTokens * sizeof(float)];
    }

    internal void ReserveSelection(SelectionOptions selection, int sinkGroups)
    {
        int tiles = (sinkGroups + Math.Max(selection.BeamGroups, selection.ProbeGroups) + 3) / 4;
        Grow(ref BeamScores, tiles * Rows * KeyTile.Tokens);
        if (Groups.Length < tiles * 4)
        {
            Groups = new int[tiles * 4];
            Kept = new int[tiles * 4];
            GroupScores = new float[tiles * 4];
        }
    }

    internal void ReserveShares(int tiles)
    {
        Grow(ref Shares, tiles * Rows * KeyTile.Tokens);
        Grow(ref TileMaxima, tiles * Rows);
    }

    internal void ReserveChosen(int groups)
    {
        if (Chosen.Length < groups)
            Chosen = new int[groups + (groups / 4)];
    }

    private static void Grow(ref float[] buffer, int length)
    {
        if (buffer.Length < length)
            buffer = new float[length];
    }
}
