using Actors.Kernels;

namespace Actors.Attention;

/// <summary>
/// Single keys and their values gathered once into tiles, for several query blocks to read. It grows to what is needed and then allocates nothing.
/// One writer; readers after it.
/// </summary>
internal sealed class KeyPack
{
    private int[] _tokens = [];

    /// <summary>Keys, [tiles, headDim, 64].</summary>
    public float[] Keys { get; private set; } = [];

    /// <summary>Values, [tiles, 64, stride].</summary>
    public float[] Values { get; private set; } = [];

    /// <summary>Tokens of the keys, as they were given.</summary>
    public ReadOnlySpan<int> Tokens => _tokens.AsSpan(0, Count);

    /// <summary>Number of keys.</summary>
    public int Count { get; private set; }

    public long Bytes => sizeof(float) * ((long)Keys.Length + Values.Length + _tokens.Length);

    /// <summary>Starts anew with these tokens; keys and values are the caller's to fill.</summary>
    public void Reset(ReadOnlySpan<int> tokens, int headDim, int stride)
    {
        int tiles = (tokens.Length + KeyTile.Tokens - 1) / KeyTile.Tokens;
        Count = tokens.Length;
        if (_tokens.Length < Count)
            _tokens = new int[tiles * KeyTile.Tokens];
        tokens.CopyTo(_tokens);
        if (Keys.Length < tiles * KeyTile.Tokens * headDim)
            Keys = new float[tiles * KeyTile.Tokens * headDim];
        if (Values.Length < tiles * KeyTile.Tokens * stride)
            Values = new float[tiles * KeyTile.Tokens * stride];
    }
}
