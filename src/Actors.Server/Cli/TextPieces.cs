using System.Runtime.CompilerServices;
using System.Text;

namespace Actors.Server.Cli;

/// <summary>Cuts a stream of UTF-8 into pieces of bounded size that end at paragraphs or lines where they can.</summary>
internal static class TextPieces
{
    /// <summary>Most bytes of a piece.</summary>
    public const int MaxPieceBytes = 32 * 1024;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads pieces whose texts, put together, are the whole stream without its byte order mark.</summary>
    /// <param name="stream">Read to its end, not disposed.</param>
    /// <param name="name">What the stream is called in messages.</param>
    /// <param name="maxPieceBytes">Most bytes of a piece, at least 4.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <exception cref="CliException">The bytes are not UTF-8; the message names the first bad byte.</exception>
    public static async IAsyncEnumerable<TextPiece> ReadAsync(
        Stream stream, string name, int maxPieceBytes, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[maxPieceBytes];
        int filled = 0;
        long offset = 0;
        bool ended = false;
        while (!ended || filled > 0)
        {
            while (!ended && filled < buffer.Length)
            {
                int read = await stream.ReadAsync(buffer.AsMemory(filled), cancellationToken);
                ended = read == 0;
                filled += read;
            }
            if (offset == 0 && buffer.AsSpan(0, filled).StartsWith("\uFEFF"u8))
            {
                buffer.AsSpan(3, filled - 3).CopyTo(buffer);
                filled -= 3;
                offset = 3;
                continue;
            }
            if (filled == 0) break;

            int length = ended && filled <= maxPieceBytes ? filled : CutBefore(buffer.AsSpan(0, filled));
            yield return new TextPiece(Decode(buffer.AsSpan(0, length), offset, name), offset, length);
            buffer.AsSpan(length, filled - length).CopyTo(buffer);
            filled -= length;
            offset += length;
        }
    }

    /// <summary>Where a full buffer is best cut: after a blank line, else a line, else a space, else before a character that may be incomplete.</summary>
    private static int CutBefore(ReadOnlySpan<byte> bytes)
    {
        int least = bytes.Length / 2;
        int paragraph = bytes.LastIndexOf("\n\n"u8), line = bytes.LastIndexOf((byte)'\n'), space = bytes.LastIndexOf((byte)' ');
        if (paragraph >= least) return paragraph + 2;
        if (line >= least) return line + 1;
        if (space >= least) return space + 1;

        int last = bytes.Length - 1;
        while (last > bytes.Length - 4 && (bytes[last] & 0xC0) == 0x80) last--;
        int characterBytes = bytes[last] switch { < 0xC0 => 1, < 0xE0 => 2, < 0xF0 => 3, _ => 4 };
        return last + characterBytes > bytes.Length ? last : bytes.Length;
    }

    private static string Decode(ReadOnlySpan<byte> bytes, long offset, string name)
    {
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException exception)
        {
            long at = offset + exception.Index;
            string value = Convert.ToHexString(exception.BytesUnknown ?? []);
            throw new CliException(
                ExitCode.Failed, $"{name} is not UTF-8: byte 0x{value} at offset {at}. Convert it first, for instance with iconv -f LATIN1 -t UTF-8.", exception);
        }
    }
}
