using Actors.KvCache;

namespace Actors.KvCache.Tests;

internal sealed class MemoryPageFile : IPageFile
{
    private static int _number;

    private readonly byte[][] _pages;
    private readonly PageId[] _ids;
    private readonly PageId[] _contexts;

    internal MemoryPageFile(PageBatch batch)
    {
        Layout = batch.Layout;
        Model = batch.ModelFingerprint;
        FirstPage = batch.FirstPage;
        _pages = Enumerable.Range(0, batch.PageCount).Select(i => batch.Bytes(i).ToArray()).ToArray();
        _ids = Enumerable.Range(0, batch.PageCount).Select(batch.Id).ToArray();
        _contexts = Enumerable.Range(0, batch.PageCount).Select(batch.Context).ToArray();
        Path = $"file-{Interlocked.Increment(ref _number)}";
    }

    public KvLayout Layout { get; }

    public string Model { get; }

    public string Path { get; }

    public long FileBytes => (long)_pages.Length * Layout.PageBytes;

    public int FirstPage { get; }

    public int PageCount => _pages.Length;

    public bool IsMapped => true;

    public int? DamagedPage { get; set; }

    public int Returns { get; private set; }

    public int Verifications { get; private set; }

    public PageId Id(int index) => _ids[index];

    public PageId Context(int index) => _contexts[index];

    public (long Offset, long Bytes) Range(int index) => ((long)index * Layout.PageBytes, Layout.PageBytes);

    public ReadOnlySpan<byte> Page(int index) => _pages[index];

    public void Verify(int index)
    {
        Verifications++;
        if (DamagedPage == index) throw new PageCorruptException(Path, _ids[index], FirstPage + index, 1, 2);
    }

    public bool IsGone { get; set; }

    public int Reads { get; private set; }

    public void Read(int index, int offset, Span<byte> destination)
    {
        if (IsGone) throw new FileNotFoundException($"'{Path}' is gone.");
        Reads++;
        _pages[index].AsSpan(offset, destination.Length).CopyTo(destination);
    }

    public void CloseHandle()
    {
    }

    public void ReturnMemory() => Returns++;

    public void Unmap()
    {
    }

    public void Dispose()
    {
    }
}
