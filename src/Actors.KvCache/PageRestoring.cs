namespace Actors.KvCache;

/// <summary>Fills a table from its page files.</summary>
internal static class PageRestoring
{
    internal static IReadOnlyList<IOException> Restore(
        PagePool pool, PageTable table, PageSaving saving, ReadOnlySpan<int> tokens, PageVerification verification)
    {
        var problems = new List<IOException>();
        List<MappedFile> files = saving.Store.Open(pool.Layout, table.Context.ModelFingerprint, problems)
            .Select(file => new MappedFile(pool, file) { References = 1 }).ToList();
        PageId context = PageId.None;
        while (table.TokenCount + KvLayout.PageTokens <= tokens.Length)
        {
            ReadOnlySpan<int> next = tokens.Slice(table.TokenCount, KvLayout.PageTokens);
            if (!TryAddNext(pool, table, files, next, verification, problems, ref context)) break;
        }

        lock (pool.Gate)
        {
            foreach (MappedFile file in files)
            {
                saving.Add_NeedsLock(file);
                pool.ReleaseFile_NeedsLock(file);
            }
        }

        if (table.TokenCount > 0) table.ContinueContext(context);
        return problems;
    }

    private static bool TryAddNext(
        PagePool pool, PageTable table, List<MappedFile> files, ReadOnlySpan<int> tokens, PageVerification verification,
        List<IOException> problems, ref PageId context)
    {
        int index = table.SealedPages;
        int problemsBefore = problems.Count;
        foreach (MappedFile file in files)
        {
            int inFile = index - file.File.FirstPage;
            if (inFile < 0 || inFile >= file.File.PageCount) continue;
            PageId id = file.File.Id(inFile);
            PageId pageContext = file.File.Context(inFile);
            if (id != PageId.Next(table.LastId_NeedsLock, pageContext, tokens)) continue;

            try
            {
                if (verification == PageVerification.AtRestore) file.Verify(inFile);
            }
            catch (IOException problem)
            {
                problems.Add(problem);
                continue;
            }

            lock (pool.Gate)
            {
                KvPage page = pool.Share_NeedsLock(id) ?? pool.AddStored_NeedsLock(id, pageContext, file, inFile);
                table.AddSealed_NeedsLock(page, tokens);
            }

            // A damaged copy of a page that was found whole elsewhere is no problem.
            problems.RemoveRange(problemsBefore, problems.Count - problemsBefore);
            context = pageContext;
            return true;
        }

        return false;
    }
}
