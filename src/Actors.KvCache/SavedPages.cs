namespace Actors.KvCache;

/// <summary>What is durable of one sequence after a save: what a manifest needs to name its pages.</summary>
/// <param name="PageCount">Sealed pages in the store, from the start of the sequence.</param>
/// <param name="LastPage">Id of the last of them; through its chain it stands for all of them. <see cref="PageId.None"/> for none.</param>
/// <param name="Runs">The page files that hold them, equal files in a row joined.</param>
/// <param name="Paths">Paths of those files, for <see cref="IPageStore.Retain"/>.</param>
/// <param name="StoredBytes">Bytes of those files.</param>
public sealed record SavedPages(
    int PageCount, PageId LastPage, IReadOnlyList<PageRun> Runs, IReadOnlyList<string> Paths, long StoredBytes);
