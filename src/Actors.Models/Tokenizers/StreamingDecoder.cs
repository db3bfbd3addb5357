using System.Text;

namespace Actors.Models;

/// <summary>
/// Decodes an answer token by token. Gives out whole characters only: bytes of an unfinished one wait for the next token.
/// One per answer, one thread at a time.
/// </summary>
public sealed class StreamingDecoder
{
    private readonly ITokenizer _tokenizer;
    private readonly bool _skipSpecialTokens;
    private readonly Decoder _utf8 = new UTF8Encoding(false).GetDecoder();
    private bool _stripSpace;

    /// <summary>Creates a decoder.</summary>
    /// <param name="tokenizer">Source of the bytes of each token.</param>
    /// <param name="skipSpecialTokens">True leaves special tokens out.</param>
    /// <param name="stripLeadingSpace">True drops one space at the very beginning (SentencePiece).</param>
    public StreamingDecoder(ITokenizer tokenizer, bool skipSpecialTokens, bool stripLeadingSpace)
    {
        _tokenizer = tokenizer;
        _skipSpecialTokens = skipSpecialTokens;
        _stripSpace = stripLeadingSpace;
    }

    /// <summary>Takes a token and returns the characters that are complete now; may be empty.</summary>
    /// <param name="token">Token id.</param>
    public string Append(int token)
    {
        if (_skipSpecialTokens && _tokenizer.IsSpecial(token)) return "";
        var bytes = _tokenizer.Bytes(token);
        if (_stripSpace && !bytes.IsEmpty)
        {
            _stripSpace = false;
            if (bytes[0] == ' ') bytes = bytes[1..];
        }

        return Convert(bytes, flush: false);
    }

    /// <summary>Ends the answer: an unfinished character becomes U+FFFD.</summary>
    public string Flush() => Convert([], flush: true);

    private string Convert(ReadOnlySpan<byte> bytes, bool flush)
    {
        // Up to three bytes may be held by the decoder besides these.
        Span<char> chars = bytes.Length <= 256 ? stackalloc char[bytes.Length + 4] : new char[bytes.Length + 4];
        return new string(chars[.._utf8.GetChars(bytes, chars, flush)]);
    }
}
