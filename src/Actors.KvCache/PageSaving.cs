namespace Actors.KvCache;

/// <summary>
/// Stores the sealed pages of one table. Of the pages, [0, stored) lie in files of the table's own store, [stored, sealed) wait.
/// </summary>
internal sealed class PageSaving(PagePool pool, PageTable table, IPageStore store)
{
    private readonly SemaphoreSlim _writing = new(1);
    private readonly List<MappedFile> _stored = [];
    private PageStoreException? _fault;
    private bool _disposed;

    internal int StoredPages
    {
        get
        {
            lock (pool.Gate) return _stored.Count;
        }
    }

    internal IPageStore Store => store;

    private int WaitingPages_NeedsLock => table.SealedPages_NeedsLock - _stored.Count;

    /// <summary>Asks the background saver to store what waits, if it is worth a write or memory is short.</summary>
    internal void Request(bool pressed)
    {
        if (WaitingPages_NeedsLock >= (pressed ? 1 : pool.BatchPages)) pool.Saver.Enqueue(this);
    }

    internal void ThrowFault()
    {
        PageStoreException? fault;
        lock (pool.Gate)
        {
            fault = _fault;
            _fault = null;
        }

        if (fault is not null) throw new PageStoreException(fault.Path, fault.InnerException!);
    }

    internal async ValueTask<SavedPages> SaveAsync(CancellationToken cancellationToken)
    {
        while (await StoreNextAsync(1, cancellationToken))
        {
        }

        lock (pool.Gate) return Describe_NeedsLock();
    }

    /// <summary>Stores one batch. Returns false when fewer pages than asked wait.</summary>
    internal async Task<bool> StoreNextAsync(int leastPages, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            if (TakeBatch(leastPages) is not { } batch) return false;
            try
            {
                IPageFile file = await store.WriteAsync(batch, cancellationToken);
                lock (pool.Gate)
                {
                    _fault = null;
                    Add_NeedsLock(new MappedFile(pool, file));
                }
            }
            catch (PageStoreException fault)
            {
                lock (pool.Gate) _fault = fault;
                throw;
            }
            finally
            {
                lock (pool.Gate)
                {
                    pool.Unpin_NeedsLock(batch.Pages);
                    pool.SignalRoom_NeedsLock();
                }
            }

            return true;
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Takes the pages of a file as stored, as far as they are the table's. Takes ownership of the file.</summary>
    internal void Add_NeedsLock(MappedFile file)
    {
        file.References++;
        IPageFile pages = file.File;
        for (int i = 0; i < pages.PageCount && !_disposed; i++)
        {
            int index = pages.FirstPage + i;
            if (index > _stored.Count || index >= table.SealedPages_NeedsLock) break;
            KvPage page = table.PageSpan[index];
            if (page.Id != pages.Id(i)) break;
            file.References++;
            if (index == _stored.Count)
            {
                _stored.Add(file);
            }
            else
            {
                pool.ReleaseFile_NeedsLock(_stored[index]);
                _stored[index] = file;
            }

            pool.AttachFile_NeedsLock(page, file, i);
        }

        pool.ReleaseFile_NeedsLock(file);
    }

    internal void Truncate_NeedsLock(int pages)
    {
        for (int i = _stored.Count - 1; i >= pages; i--)
        {
            pool.ReleaseFile_NeedsLock(_stored[i]);
            _stored.RemoveAt(i);
        }
    }

    /// <summary>Ends when no write is under way.</summary>
    internal async Task FinishAsync()
    {
        await _writing.WaitAsync();
        _writing.Release();
    }

    internal void Dispose_NeedsLock()
    {
        _disposed = true;
        Truncate_NeedsLock(0);
    }

    private PageBatch? TakeBatch(int leastPages)
    {
        lock (pool.Gate)
        {
            if (_disposed || WaitingPages_NeedsLock < leastPages) return null;
            int first = _stored.Count;
            int count = Math.Min(WaitingPages_NeedsLock, pool.FilePages - (first % pool.FilePages));
            KvPage[] pages = table.PageSpan.Slice(first, count).ToArray();
            pool.Pin_NeedsLock(pages);
            return new PageBatch(pool.Layout, table.Context.ModelFingerprint, first, pages)
            {
                MostPagesPerFile = pool.FilePages,
                Previous = first == 0 ? PageId.None : table.PageSpan[first - 1].Id,
            };
        }
    }

    private SavedPages Describe_NeedsLock()
    {
        var runs = new List<PageRun>();
        var paths = new List<string>();
        long bytes = 0;
        for (int start = 0; start < _stored.Count;)
        {
            MappedFile file = _stored[start];
            int end = start;
            while (end < _stored.Count && _stored[end] == file) end++;
            paths.Add(file.File.Path);
            bytes += file.File.FileBytes;
            if (runs.Count > 0 && runs[^1].PagesPerFile == end - start) runs[^1] = runs[^1] with { Files = runs[^1].Files + 1 };
            else runs.Add(new PageRun(start, end - start, 1));
            start = end;
        }

        PageId last = _stored.Count == 0 ? PageId.None : table.PageSpan[_stored.Count - 1].Id;
        return new SavedPages(_stored.Count, last, runs, paths, bytes);
    }
}
