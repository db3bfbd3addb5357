namespace Actors.Models;

/// <summary>The bytes that every token decodes to, in one block.</summary>
internal sealed class TokenBytes
{
    private readonly byte[] _data;
    private readonly int[] _offsets;

    public TokenBytes(IReadOnlyList<byte[]?> tokens)
    {
        _offsets = new int[tokens.Count + 1];
        for (int i = 0; i < tokens.Count; i++) _offsets[i + 1] = checked(_offsets[i] + (tokens[i]?.Length ?? 0));
        _data = new byte[_offsets[^1]];
        for (int i = 0; i < tokens.Count; i++) tokens[i]?.CopyTo(_data, _offsets[i]);
    }

    public int Count => _offsets.Length - 1;

    public ReadOnlySpan<byte> this[int token] =>
        (uint)token < (uint)Count ? _data.AsSpan(_offsets[token].._offsets[token + 1]) : default;
}
