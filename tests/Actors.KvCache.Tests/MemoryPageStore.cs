using Actors.KvCache;

namespace Actors.KvCache.Tests;

/// <summary>A page store in managed memory, which can be told to fail.</summary>
internal sealed class MemoryPageStore : IPageStore
{
    private readonly List<MemoryPageFile> _files = [];

    public IOException? Failure { get; set; }

    public Task? Gate { get; set; }

    public int Writes { get; private set; }

    public List<MemoryPageFile> Files
    {
        get
        {
            lock (_files) return [.. _files];
        }
    }

    public async ValueTask<IPageFile> WriteAsync(PageBatch batch, CancellationToken cancellationToken)
    {
        if (Gate is not null) await Gate.WaitAsync(cancellationToken);
        await Task.Yield();
        if (Failure is not null) throw new PageStoreException("memory", Failure);
        var file = new MemoryPageFile(batch);
        lock (_files)
        {
            _files.Add(file);
            Writes++;
        }

        return file;
    }

    public IReadOnlyList<IPageFile> Open(KvLayout layout, string modelFingerprint, ICollection<IOException> problems)
    {
        lock (_files)
            return _files.Where(file => file.Layout.Equals(layout) && file.Model == modelFingerprint).OrderBy(file => file.FirstPage).ToList();
    }

    public void Retain(IReadOnlyCollection<string> paths)
    {
        lock (_files) _files.RemoveAll(file => !paths.Contains(file.Path));
    }
}
