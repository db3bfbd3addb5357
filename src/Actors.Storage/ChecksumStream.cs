namespace Actors.Storage;

/// <summary>Passes on what is written and keeps its checksum. Writing only, from start to end.</summary>
/// <param name="write">Receives bytes and their offset.</param>
internal sealed class ChecksumStream(ChecksumStream.Writer write) : Stream
{
    private long _position;

    internal delegate void Writer(ReadOnlySpan<byte> bytes, long offset);

    /// <summary>Checksum of all bytes so far.</summary>
    public uint Checksum { get; private set; }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => _position;

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException("The stream is written from start to end.");
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        write(buffer, _position);
        Checksum = Crc32C.Append(Checksum, buffer);
        _position += buffer.Length;
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("The stream is for writing.");

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException("The stream is written from start to end.");

    public override void SetLength(long value) => throw new NotSupportedException("The stream is written from start to end.");
}
