using System.Numerics.Tensors;
using Actors.KvCache;

namespace Actors.Attention;

/// <summary>
/// Exact least and greatest value per channel of the 16-token groups of one (layer, KV head). They are held as rows [greatest, least], so that the
/// product with a query taken apart into [positive part, negative part] is the upper bound of every score in the group. One writer; readers only
/// between its calls.
/// </summary>
/// <remarks>Source: arXiv:2406.10774 (Quest).</remarks>
/// <param name="sequence">The sequence.</param>
/// <param name="roped">Whether the keys are turned by their positions, or bounded as they are stored.</param>
internal sealed class GroupBounds(SequenceContext sequence, bool roped)
{
    private readonly RowTiles _tiles = new(2 * sequence.Shape.HeadDim);

    /// <summary>Groups that are bounded.</summary>
    public int Groups => _tiles.Count;

    public int Tiles => _tiles.Tiles;

    public long Bytes => _tiles.Bytes;

    /// <summary>64 groups as <see cref="Kernels.ScoreKernel"/> takes them, [2 headDim, 64].</summary>
    public ReadOnlySpan<float> Tile(int tile) => _tiles[tile];

    public void Truncate(int groups) => _tiles.Truncate(groups);

    /// <summary>Bounds the groups up to an end; all of their keys are written.</summary>
    public void Extend(int layer, int head, int end, StoredKeys stored)
    {
        if (Groups >= end)
            return;
        int headDim = sequence.Shape.HeadDim;
        Span<float> keys = new float[KvLayout.GroupTokens * headDim], row = new float[2 * headDim];
        Span<float> most = row[..headDim], least = row[headDim..];
        while (Groups < end)
        {
            if (roped)
            {
                stored.Read(layer, head, Groups * KvLayout.GroupTokens, KvLayout.GroupTokens, true, keys);
                keys[..headDim].CopyTo(most);
                keys[..headDim].CopyTo(least);
                for (int i = 1; i < KvLayout.GroupTokens; i++)
                {
                    TensorPrimitives.Max(most, keys.Slice(i * headDim, headDim), most);
                    TensorPrimitives.Min(least, keys.Slice(i * headDim, headDim), least);
                }
            }
            else
            {
                KvLayout layout = sequence.Table.Layout;
                ReadOnlySpan<byte> bounds = sequence.Table.Bounds(Groups / KvLayout.GroupsPerPage, layer, head)[(Groups % KvLayout.GroupsPerPage * 2 * headDim * layout.ElementBytes)..];
                StoredElements.Read(layout.Format, bounds, least);
                StoredElements.Read(layout.Format, bounds[(headDim * layout.ElementBytes)..], most);
            }
            _tiles.Append(row);
        }
    }
}
