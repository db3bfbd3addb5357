namespace Actors.KvCache;

/// <summary>
/// Durable home of one sequence's sealed pages. One write at a time; reads of files that exist may run beside it. Implementations are
/// thread-safe for that use.
/// </summary>
public interface IPageStore
{
    /// <summary>
    /// Stores consecutive sealed pages. When the task ends they are durable: written to a temporary name, flushed, renamed. The new file
    /// may also take in the pages of smaller files before it, which are removed once nobody has them open.
    /// </summary>
    /// <param name="batch">The pages; their bytes stay valid and unchanged until the task ends.</param>
    /// <param name="cancellationToken">Gives up before the next page is written; nothing half-written remains.</param>
    /// <returns>The new file, covering at least the batch. The caller disposes it.</returns>
    /// <exception cref="PageStoreException">Writing failed, for instance because the disk is full.</exception>
    ValueTask<IPageFile> WriteAsync(PageBatch batch, CancellationToken cancellationToken);

    /// <summary>Opens the page files that fit a model. Reads headers only.</summary>
    /// <param name="layout">Layout the pages must have.</param>
    /// <param name="modelFingerprint">Model the pages must come from.</param>
    /// <param name="problems">Receives one exception for each file that is damaged or does not fit.</param>
    /// <returns>The files in order of first page; the caller disposes them.</returns>
    IReadOnlyList<IPageFile> Open(KvLayout layout, string modelFingerprint, ICollection<IOException> problems);

    /// <summary>
    /// Removes every page file that is neither named nor open, so that a file written since the save stays. Call it after the manifest was
    /// committed.
    /// </summary>
    /// <param name="paths">Paths of the files that are in use.</param>
    void Retain(IReadOnlyCollection<string> paths);
}
