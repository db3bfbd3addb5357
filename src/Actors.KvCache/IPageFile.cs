namespace Actors.KvCache;

/// <summary>
/// One immutable file of consecutive sealed pages, mapped into memory when first read. Reading is thread-safe; <see cref="Unmap"/> and
/// disposing must not run while a span is in use.
/// </summary>
public interface IPageFile : IDisposable
{
    /// <summary>Where the file lies.</summary>
    string Path { get; }

    /// <summary>Bytes of the whole file.</summary>
    long FileBytes { get; }

    /// <summary>Index in the sequence of the file's first page.</summary>
    int FirstPage { get; }

    /// <summary>Pages in the file.</summary>
    int PageCount { get; }

    /// <summary>Whether the file is mapped into memory now.</summary>
    bool IsMapped { get; }

    /// <summary>Id of a page.</summary>
    /// <param name="index">Index in the file, from 0.</param>
    /// <returns>The id.</returns>
    PageId Id(int index);

    /// <summary>Context digest with which the page's id was computed.</summary>
    /// <param name="index">Index in the file, from 0.</param>
    /// <returns>The digest.</returns>
    PageId Context(int index);

    /// <summary>Where a page lies in the file.</summary>
    /// <param name="index">Index in the file, from 0.</param>
    /// <returns>Offset and length in bytes.</returns>
    (long Offset, long Bytes) Range(int index);

    /// <summary>The bytes of a page, mapped, not verified. Valid until <see cref="Unmap"/> or disposal.</summary>
    /// <param name="index">Index in the file, from 0.</param>
    /// <returns>The page's bytes.</returns>
    /// <exception cref="IOException">The file cannot be mapped.</exception>
    ReadOnlySpan<byte> Page(int index);

    /// <summary>
    /// Reads some bytes of a page through the file's handle, not verified: nothing of the file is mapped for it. The handle stays open
    /// until <see cref="CloseHandle"/> or disposal.
    /// </summary>
    /// <param name="index">Index in the file, from 0.</param>
    /// <param name="offset">First byte in the page.</param>
    /// <param name="destination">Filled whole.</param>
    /// <exception cref="IOException">The file is missing, ends too early or cannot be read.</exception>
    void Read(int index, int offset, Span<byte> destination);

    /// <summary>Compares a page's bytes with its checksum.</summary>
    /// <param name="index">Index in the file, from 0.</param>
    /// <exception cref="PageCorruptException">They differ.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    void Verify(int index);

    /// <summary>Gives the mapping's resident memory back to the system. Spans stay valid: the system reads the bytes again.</summary>
    void ReturnMemory();

    /// <summary>Ends the mapping; the next read maps again.</summary>
    void Unmap();

    /// <summary>Closes the handle; the next <see cref="Read"/> opens the file again. Must not run beside a read.</summary>
    void CloseHandle();
}
