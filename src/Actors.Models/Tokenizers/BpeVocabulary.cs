using System.Text;

namespace Actors.Models;

/// <summary>Maps the smallest units of text to tokens: bytes for byte-level vocabularies, else characters with a fallback to bytes.</summary>
internal sealed class BpeVocabulary
{
    private readonly Dictionary<string, int> _tokens;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _tokensBySpan;
    private readonly int[]? _byteLevel;
    private readonly int[]? _byteFallback;
    private readonly int? _unknown;
    private readonly bool _fuseUnknown;
    private readonly bool _wholeFirst;

    /// <param name="tokens">Token ids by text, in the vocabulary's own alphabet.</param>
    /// <param name="byteLevel">Token of each byte; null for character vocabularies.</param>
    /// <param name="byteFallback">Token of each byte for characters that have no token; null for none.</param>
    /// <param name="unknown">Token of characters that cannot be encoded; null drops them.</param>
    /// <param name="fuseUnknown">Adjacent unknown characters become one token.</param>
    /// <param name="wholeFirst">A piece that is a token is taken whole, without merging.</param>
    public BpeVocabulary(
        Dictionary<string, int> tokens, int[]? byteLevel, int[]? byteFallback, int? unknown, bool fuseUnknown, bool wholeFirst)
    {
        _tokens = tokens;
        _tokensBySpan = _tokens.GetAlternateLookup<ReadOnlySpan<char>>();
        _byteLevel = byteLevel;
        _byteFallback = byteFallback;
        _unknown = unknown;
        _fuseUnknown = fuseUnknown;
        _wholeFirst = wholeFirst;
    }

    public bool TryGetWhole(ReadOnlySpan<char> piece, out int token)
    {
        token = 0;
        if (!_wholeFirst) return false;
        if (_byteLevel is null) return _tokensBySpan.TryGetValue(piece, out token);
        int bytes = Encoding.UTF8.GetByteCount(piece);
        if (bytes > 256) return false;
        Span<byte> utf8 = stackalloc byte[256];
        Span<char> chars = stackalloc char[256];
        Encoding.UTF8.GetBytes(piece, utf8);
        for (int i = 0; i < bytes; i++) chars[i] = ByteAlphabet.ToChar(utf8[i]);
        return _tokensBySpan.TryGetValue(chars[..bytes], out token);
    }

    /// <summary>Writes the tokens of the smallest units; room is needed for one per UTF-8 byte.</summary>
    public int Split(ReadOnlySpan<char> piece, Span<int> tokens)
    {
        int count = 0;
        bool afterUnknown = false;
        Span<byte> utf8 = stackalloc byte[4];
        foreach (var rune in piece.EnumerateRunes())
        {
            var bytes = utf8[..rune.EncodeToUtf8(utf8)];
            int known = count;
            if (_byteLevel is not null) Add(bytes, _byteLevel, tokens, ref count);
            else if (TryGetCharacter(rune, out int token)) tokens[count++] = token;
            else if (_byteFallback is not null) Add(bytes, _byteFallback, tokens, ref count);
            else if (_unknown is { } unknown && !(afterUnknown && _fuseUnknown)) tokens[count++] = unknown;
            afterUnknown = count == known || tokens[count - 1] == _unknown;
        }

        return count;
    }

    private static void Add(ReadOnlySpan<byte> bytes, int[] map, Span<int> tokens, ref int count)
    {
        foreach (byte value in bytes) tokens[count++] = map[value];
    }

    private bool TryGetCharacter(Rune rune, out int token)
    {
        Span<char> chars = stackalloc char[2];
        return _tokensBySpan.TryGetValue(chars[..rune.EncodeToUtf16(chars)], out token);
    }
}
