namespace Actors.KvCache;

/// <summary>Consecutive sealed pages on their way to a store. Valid until the write that received it ends.</summary>
public sealed class PageBatch
{
    private readonly KvPage[] _pages;

    internal PageBatch(KvLayout layout, string modelFingerprint, int firstPage, KvPage[] pages)
    {
        Layout = layout;
        ModelFingerprint = modelFingerprint;
        FirstPage = firstPage;
        _pages = pages;
    }

    /// <summary>Layout of the pages.</summary>
    public KvLayout Layout { get; }

    /// <summary>Model that computed the pages.</summary>
    public string ModelFingerprint { get; }

    /// <summary>Index in the sequence of the first page.</summary>
    public int FirstPage { get; }

    /// <summary>Pages in the batch, at least one.</summary>
    public int PageCount => _pages.Length;

    /// <summary>
    /// Pages that one file should hold at most: <see cref="KvLayout.PageTokens"/>, or fewer where the KV budget is so small that a whole
    /// mapped file would not fit.
    /// </summary>
    public int MostPagesPerFile { get; internal init; } = KvLayout.PageTokens;

    internal ReadOnlySpan<KvPage> Pages => _pages;

    /// <summary>Id of the page before the first one, by which a store knows the file that this batch continues.</summary>
    public PageId Previous { get; internal init; }

    /// <summary>Id of a page.</summary>
    /// <param name="index">Index in the batch, from 0.</param>
    /// <returns>The id.</returns>
    public PageId Id(int index) => _pages[index].Id;

    /// <summary>Context digest of a page.</summary>
    /// <param name="index">Index in the batch, from 0.</param>
    /// <returns>The digest.</returns>
    public PageId Context(int index) => _pages[index].Context;

    /// <summary>The bytes of a page.</summary>
    /// <param name="index">Index in the batch, from 0.</param>
    /// <returns>The bytes, [<see cref="KvLayout.PageBytes"/>].</returns>
    public ReadOnlySpan<byte> Bytes(int index) => _pages[index].Read(Layout.PageBytes);
}
