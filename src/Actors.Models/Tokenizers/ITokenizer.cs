namespace Actors.Models;

/// <summary>Text to tokens and back. Implementations are immutable and safe for concurrent use.</summary>
public interface ITokenizer
{
    /// <summary>One more than the highest token id.</summary>
    int VocabularySize { get; }

    /// <summary>Encodes text. No begin-of-sequence token is added. Lone surrogates become U+FFFD.</summary>
    /// <param name="text">Text.</param>
    /// <param name="parseSpecialTokens">True: special tokens are recognized by their text. False: they are encoded as plain text.</param>
    int[] Encode(string text, bool parseSpecialTokens);

    /// <summary>
    /// Encodes segments as if they were one text, so that words and merges run across segment borders, but recognizes special tokens only
    /// in segments that allow it: text from a user can never become a special token, not even together with its neighbours.
    /// </summary>
    /// <param name="segments">Text in order.</param>
    /// <param name="start">What stands before the first segment.</param>
    int[] Encode(ReadOnlySpan<TextSegment> segments, SegmentStart start);

    /// <summary>Decodes tokens; invalid UTF-8 becomes U+FFFD. Equal to what a <see cref="StreamingDecoder"/> gives token by token.</summary>
    /// <param name="tokens">Token ids; ids outside of the vocabulary decode to nothing.</param>
    /// <param name="skipSpecialTokens">True leaves special tokens out.</param>
    string Decode(ReadOnlySpan<int> tokens, bool skipSpecialTokens);

    /// <summary>Creates a decoder for one answer.</summary>
    /// <param name="skipSpecialTokens">True leaves special tokens out.</param>
    StreamingDecoder CreateDecoder(bool skipSpecialTokens = true);

    /// <summary>Bytes of one token as UTF-8, which may be part of a character; empty for ids outside of the vocabulary.</summary>
    /// <param name="token">Token id.</param>
    ReadOnlySpan<byte> Bytes(int token);

    /// <summary>Whether a token is a control token rather than text.</summary>
    /// <param name="token">Token id.</param>
    bool IsSpecial(int token);

    /// <summary>Finds a token by its text, special tokens included.</summary>
    /// <param name="text">For example <c>&lt;|im_end|&gt;</c>.</param>
    /// <param name="token">Its id.</param>
    bool TryGetToken(string text, out int token);
}
