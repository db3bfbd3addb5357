using System.Buffers;
using Actors.KvCache;
using Microsoft.Win32.SafeHandles;

namespace Actors.Storage;

/// <summary>
/// The page files of one session. Files hold up to 64 consecutive pages and do not cross a multiple of 64, so that a long session has few:
/// a write takes in the files before it that are no larger than what is written, as digits carry in a binary counter.
/// </summary>
internal sealed class PageFolder(string folder, DiskWriter disk, Action createSession) : IPageStore
{
    private const string Extension = ".kv";

    private readonly Lock _gate = new();
    private readonly PageFilesInUse _inUse = new();
    private List<PageFile>? _files;

    public ValueTask<IPageFile> WriteAsync(PageBatch batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return new ValueTask<IPageFile>(Task.Run<IPageFile>(() => Write(batch, cancellationToken), cancellationToken));
    }

    public IReadOnlyList<IPageFile> Open(KvLayout layout, string modelFingerprint, ICollection<IOException> problems)
    {
        PageId model = PageFileHeader.Digest(modelFingerprint);
        lock (_gate)
        {
            _files = Scan(problems);
            var fitting = new List<IPageFile>();
            foreach (PageFile file in _files)
            {
                if (file.Header.Layout.Equals(layout) && file.Header.Model == model) fitting.Add(_inUse.Open(file.Path, file.Header));
                else problems.Add(new PageCorruptException(file.Path, "it was computed by another model or with another layout."));
            }

            return fitting;
        }
    }

    public void Retain(IReadOnlyCollection<string> paths)
    {
        lock (_gate)
        {
            if (!Directory.Exists(folder)) return;
            _inUse.DeleteSuperseded();
            var kept = paths.ToHashSet(StringComparer.Ordinal);
            foreach (string path in Directory.EnumerateFiles(folder, "*" + Extension))
            {
                // A file in use was written since the save, or serves a reader for a last time: the next call sees.
                if (!kept.Contains(path) && !_inUse.IsOpen(path)) DiskWriter.TryDelete(path);
            }

            _files?.RemoveAll(file => !File.Exists(file.Path));
        }
    }

    private PageFile Write(PageBatch batch, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            try
            {
                createSession();
                DiskWriter.CreateFolder(folder);
                return Write_NeedsLock(batch, cancellationToken);
            }
            catch (StorageWriteException e)
            {
                throw new PageStoreException(e.Path, e.InnerException!);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new PageStoreException(folder, e);
            }
        }
    }

    private List<PageFile> Scan(ICollection<IOException> problems)
    {
        var files = new List<PageFile>();
        if (!Directory.Exists(folder)) return files;
        DiskWriter.RemoveTemporaries(folder);
        foreach (string path in Directory.EnumerateFiles(folder, "*" + Extension).Order(StringComparer.Ordinal))
        {
            try
            {
                files.Add(PageFile.Open(path));
            }
            catch (IOException problem)
            {
                problems.Add(problem);
            }
        }

        return files;
    }

    private PageFile Write_NeedsLock(PageBatch batch, CancellationToken cancellationToken)
    {
        _inUse.DeleteSuperseded();
        _files ??= Scan([]);
        List<PageFile> merged = FindMerges(batch);
        var entries = new List<PageFileEntry>();
        foreach (PageFile file in merged) entries.AddRange(file.Header.Entries);
        int copied = entries.Count;
        for (int i = 0; i < batch.PageCount; i++)
            entries.Add(new PageFileEntry(batch.Id(i), batch.Context(i), Crc32C.Compute(batch.Bytes(i))));

        int firstPage = batch.FirstPage - copied;
        var header = new PageFileHeader(
            batch.Layout, PageFileHeader.Digest(batch.ModelFingerprint), firstPage,
            merged.Count > 0 ? merged[0].Header.Previous : batch.Previous, entries.ToArray());
        string path = System.IO.Path.Combine(
            folder, $"{firstPage:d8}-{entries.Count:d2}-{entries[^1].Id.ToString().AsSpan(0, 16)}{Extension}");
        disk.Replace(path, output =>
        {
            disk.Write(output, header.Encode(), 0);
            int next = 0;
            foreach (PageFile file in merged) next = Copy(file, output, header, next, cancellationToken);
            for (int i = 0; i < batch.PageCount; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                WritePage(output, batch.Bytes(i), header, next++);
            }
        });

        var written = new PageFile(path, header);
        foreach (PageFile file in merged)
        {
            if (file.Path != path) _inUse.Supersede(file.Path);
            _files.Remove(file);
        }

        _files.RemoveAll(file => file.Path == path);
        _files.Add(written);
        return _inUse.Open(path, header);
    }

    /// <summary>The files that continue into the batch and are no larger than all that follows them, in order of first page.</summary>
    private List<PageFile> FindMerges(PageBatch batch)
    {
        var merged = new List<PageFile>();
        int first = batch.FirstPage, count = batch.PageCount;
        PageId previous = batch.Previous;
        PageId model = PageFileHeader.Digest(batch.ModelFingerprint);
        while (first % batch.MostPagesPerFile != 0)
        {
            int most = Math.Min(count, batch.MostPagesPerFile - count);
            PageFile? before = _files!.Find(file => file.FirstPage + file.PageCount == first && file.PageCount <= most
                && file.Header.Entries[^1].Id == previous && file.Header.Model == model && file.Header.Layout.Equals(batch.Layout)
                && IsIntact(file));
            if (before is null) break;
            merged.Insert(0, before);
            first -= before.PageCount;
            count += before.PageCount;
            previous = before.Header.Previous;
        }

        return merged;
    }

    private static bool IsIntact(PageFile file)
    {
        try
        {
            using SafeFileHandle input = File.OpenHandle(file.Path);
            for (int i = 0; i < file.PageCount; i++) ReadPage(file, input, i, file.Check);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private int Copy(PageFile file, SafeFileHandle output, PageFileHeader header, int next, CancellationToken cancellationToken)
    {
        using SafeFileHandle input = File.OpenHandle(file.Path);
        for (int i = 0; i < file.PageCount; i++, next++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int target = next;
            ReadPage(file, input, i, (_, bytes) => WritePage(output, bytes, header, target));
        }

        return next;
    }

    private void WritePage(SafeFileHandle output, ReadOnlySpan<byte> bytes, PageFileHeader header, int index)
    {
        disk.Write(output, bytes, header.Offset(index));
        int padding = (int)(header.PageStride - bytes.Length);
        if (padding > 0) disk.Write(output, new byte[padding], header.Offset(index) + bytes.Length);
    }

    private static void ReadPage(PageFile file, SafeFileHandle input, int index, PageReader use)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(file.Header.Layout.PageBytes);
        try
        {
            Span<byte> page = buffer.AsSpan(0, file.Header.Layout.PageBytes);
            for (int done = 0; done < page.Length;)
            {
                int read = RandomAccess.Read(input, page[done..], file.Header.Offset(index) + done);
                if (read == 0) throw new PageCorruptException(file.Path, "it ends within a page.");
                done += read;
            }

            use(index, page);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private delegate void PageReader(int index, ReadOnlySpan<byte> page);
}
