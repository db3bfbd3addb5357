namespace Actors.KvCache;

/// <summary>A stored page is not what was written: its checksum differs, or its file is damaged.</summary>
public sealed class PageCorruptException : IOException
{
    /// <summary>Reports a page whose checksum differs.</summary>
    /// <param name="path">The page file.</param>
    /// <param name="page">The page's id.</param>
    /// <param name="pageIndex">Index of the page in its sequence.</param>
    /// <param name="expected">Checksum in the file's header (CRC-32C).</param>
    /// <param name="actual">Checksum of the bytes that were read.</param>
    public PageCorruptException(string path, PageId page, int pageIndex, uint expected, uint actual)
        : base($"Page {pageIndex} (id {page}) in '{path}' is damaged: checksum {actual:x8}, expected {expected:x8}. "
            + "The tokens from this page on are computed again.")
    {
        Path = path;
        Page = page;
        PageIndex = pageIndex;
        Expected = expected;
        Actual = actual;
    }

    /// <summary>Reports a page file whose header cannot be trusted.</summary>
    /// <param name="path">The page file.</param>
    /// <param name="cause">What is wrong with it.</param>
    public PageCorruptException(string path, string cause)
        : base($"Page file '{path}' is damaged: {cause} Its tokens are computed again.")
    {
        Path = path;
    }

    /// <summary>Reports a page file that was there when it was opened and cannot be read now: removed, cut short, or a failing disk.</summary>
    /// <param name="path">The page file.</param>
    /// <param name="firstPage">Index in its sequence of the file's first page.</param>
    /// <param name="cause">Why it cannot be read.</param>
    public PageCorruptException(string path, int firstPage, Exception cause)
        : base($"Page file '{path}' cannot be read any more: {cause?.Message.TrimEnd('.')}. The tokens from page {firstPage} on are computed again.", cause)
    {
        Path = path;
        PageIndex = firstPage;
    }

    /// <summary>The page file.</summary>
    public string Path { get; }

    /// <summary>Id of the page, or null when the file as a whole is damaged.</summary>
    public PageId? Page { get; }

    /// <summary>Index in its sequence of the first page to compute again, or null when the header of the file is damaged.</summary>
    public int? PageIndex { get; }

    /// <summary>Checksum in the header, or null when the file as a whole is damaged.</summary>
    public uint? Expected { get; }

    /// <summary>Checksum of the bytes, or null when the file as a whole is damaged.</summary>
    public uint? Actual { get; }
}
