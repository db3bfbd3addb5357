using Actors.Kernels;

namespace Actors.Attention;

/// <summary>Rows held as tiles of [headDim, 64 rows], which <see cref="ScoreKernel"/> compares with a query all at once.</summary>
internal sealed class RowTiles(int headDim)
{
    private readonly List<float[]> _tiles = [];

    public int Count { get; private set; }

    public int Tiles => _tiles.Count;

    public long Bytes => (long)_tiles.Count * KeyTile.Tokens * headDim * sizeof(float);

    public ReadOnlySpan<float> this[int tile] => _tiles[tile];

    public void Append(ReadOnlySpan<float> row)
    {
        int lane = Count++ % KeyTile.Tokens;
        if (lane == 0)
            _tiles.Add(new float[headDim * KeyTile.Tokens]);
        Write(_tiles[^1], lane, row);
    }

    /// <summary>Copies the leading elements of a row out.</summary>
    public void Read(int index, Span<float> row)
    {
        ReadOnlySpan<float> tile = _tiles[index / KeyTile.Tokens];
        for (int i = 0; i < row.Length; i++)
            row[i] = tile[(i * KeyTile.Tokens) + (index % KeyTile.Tokens)];
    }

    /// <summary>Replaces a row.</summary>
    public void Set(int index, ReadOnlySpan<float> row) => Write(_tiles[index / KeyTile.Tokens], index % KeyTile.Tokens, row);

    public void Truncate(int count)
    {
        Count = Math.Min(count, Count);
        int tiles = (Count + KeyTile.Tokens - 1) / KeyTile.Tokens;
        _tiles.RemoveRange(tiles, _tiles.Count - tiles);
    }

    /// <summary>Scores every row against one query.</summary>
    /// <param name="query">[headDim].</param>
    /// <param name="scores">Written; as long as the tiles together, 64 each.</param>
    public void Score(ReadOnlySpan<float> query, Span<float> scores)
    {
        for (int tile = 0; tile < _tiles.Count; tile++)
            ScoreKernel.Score(query, _tiles[tile], 1, headDim, scores[(tile * KeyTile.Tokens)..]);
    }

    private static void Write(float[] tile, int lane, ReadOnlySpan<float> row)
    {
        for (int i = 0; i < row.Length; i++)
            tile[(i * KeyTile.Tokens) + lane] = row[i];
    }
}
