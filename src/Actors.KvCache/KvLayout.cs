namespace Actors.KvCache;

/// <summary>
/// Where everything lies in one page. A page holds <see cref="PageTokens"/> tokens of all layers. Its bytes, for each layer and then for
/// each KV head: bounds [groups, 2 = min and max, headDim], keys [groups, headDim, <see cref="GroupTokens"/>], values [tokens, headDim].
/// Keys are stored before rotation (RoPE). All elements, the bounds too, are in <see cref="Format"/>, little-endian. Immutable and
/// thread-safe.
/// </summary>
public sealed record KvLayout
{
    /// <summary>Tokens in one page.</summary>
    public const int PageTokens = 64;

    /// <summary>Tokens in one group: the unit whose keys share one pair of bounds.</summary>
    public const int GroupTokens = 16;

    /// <summary>Groups in one page.</summary>
    public const int GroupsPerPage = PageTokens / GroupTokens;

    private const int RowsPerHead = (2 * GroupsPerPage) + (2 * PageTokens);

    private readonly int _headBytes;

    /// <summary>Describes the pages of one model.</summary>
    /// <param name="layers">Layers, 1 to 1,024.</param>
    /// <param name="kvHeads">KV heads per layer, 1 to 1,024.</param>
    /// <param name="headDim">Elements of one key or value, a multiple of 2, 2 to 4,096.</param>
    /// <param name="format">Element type.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is outside its range, or one page would pass 1 GiB.</exception>
    public KvLayout(int layers, int kvHeads, int headDim, KvFormat format = KvFormat.Float16)
    {
        RequireBetween(layers, 1, 1024, nameof(layers));
        RequireBetween(kvHeads, 1, 1024, nameof(kvHeads));
        RequireBetween(headDim, 2, 4096, nameof(headDim));
        if (headDim % 2 != 0) throw new ArgumentOutOfRangeException(nameof(headDim), headDim, "The head dimension must be even.");
        if (!Enum.IsDefined(format)) throw new ArgumentOutOfRangeException(nameof(format), format, "Unknown KV format.");

        Layers = layers;
        KvHeads = kvHeads;
        HeadDim = headDim;
        Format = format;
        ElementBytes = format == KvFormat.Float32 ? 4 : 2;
        _headBytes = RowsPerHead * headDim * ElementBytes;
        long pageBytes = (long)_headBytes * kvHeads * layers;
        if (pageBytes > 1L << 30)
            throw new ArgumentOutOfRangeException(nameof(layers), $"One page would take {pageBytes} bytes; the limit is 1 GiB.");
        PageBytes = (int)pageBytes;
    }

    /// <summary>Layers of the model.</summary>
    public int Layers { get; }

    /// <summary>KV heads per layer.</summary>
    public int KvHeads { get; }

    /// <summary>Elements of one key or value.</summary>
    public int HeadDim { get; }

    /// <summary>Element type of keys, values and bounds.</summary>
    public KvFormat Format { get; }

    /// <summary>Bytes of one element: 2 or 4.</summary>
    public int ElementBytes { get; }

    /// <summary>Bytes of one page.</summary>
    public int PageBytes { get; }

    /// <summary>Bytes of one (layer, KV head) block of a page: bounds, keys and values.</summary>
    public int HeadBytes => _headBytes;

    /// <summary>Elements of one token's keys (or values) of one layer: KvHeads x HeadDim.</summary>
    public int RowElements => KvHeads * HeadDim;

    /// <summary>Pages that hold a number of tokens, the last one possibly partly filled.</summary>
    /// <param name="tokens">Tokens, not negative.</param>
    /// <returns>Pages.</returns>
    public static int PagesFor(int tokens) => (int)(((long)tokens + PageTokens - 1) / PageTokens);

    /// <summary>Byte offset in the page of a group's bounds: min [headDim], then max [headDim].</summary>
    /// <param name="layer">Layer, from 0.</param>
    /// <param name="head">KV head, from 0.</param>
    /// <param name="group">Group in the page, 0 to 3.</param>
    /// <returns>Bytes from the start of the page.</returns>
    public int BoundsOffset(int layer, int head, int group) => HeadOffset(layer, head) + (group * 2 * HeadDim * ElementBytes);

    /// <summary>Byte offset in the page of a group's keys, [headDim, 16 tokens].</summary>
    /// <param name="layer">Layer, from 0.</param>
    /// <param name="head">KV head, from 0.</param>
    /// <param name="group">Group in the page, 0 to 3.</param>
    /// <returns>Bytes from the start of the page.</returns>
    public int KeysOffset(int layer, int head, int group)
        => HeadOffset(layer, head) + (((2 * GroupsPerPage) + (group * GroupTokens)) * HeadDim * ElementBytes);

    /// <summary>Byte offset in the page of a head's values, [64 tokens, headDim].</summary>
    /// <param name="layer">Layer, from 0.</param>
    /// <param name="head">KV head, from 0.</param>
    /// <returns>Bytes from the start of the page.</returns>
    public int ValuesOffset(int layer, int head)
        => HeadOffset(layer, head) + (((2 * GroupsPerPage) + PageTokens) * HeadDim * ElementBytes);

    private int HeadOffset(int layer, int head) => ((layer * KvHeads) + head) * _headBytes;

    private static void RequireBetween(int value, int least, int most, string name)
    {
        if (value < least || value > most)
            throw new ArgumentOutOfRangeException(name, value, $"Must be {least} to {most}.");
    }
}
