namespace Actors.KvCache;

/// <summary>The audit behind <see cref="PagePool.CheckIntegrity"/>.</summary>
internal static class PoolIntegrity
{
    internal static void Check(
        IReadOnlyList<PageSlot> slots, IReadOnlyCollection<PageSlot> free, Dictionary<PageId, KvPage> sealedPages, IEnumerable<PageTable> tables)
    {
        var references = new Dictionary<KvPage, int>();
        foreach (PageTable table in tables)
        {
            foreach (KvPage page in table.Pages_NeedsLock)
                references[page] = references.GetValueOrDefault(page) + 1;
        }

        foreach ((KvPage page, int count) in references)
        {
            Require(page.References == count, $"page {page.Id} has {page.References} references, {count} tables hold it");
            Require(page.IsResident || page.Place is not null, $"page {page.Id} is neither in memory nor stored");
            Require(page.IsSealed || page.IsResident, "a page that is not sealed has no slot");
            Require(!page.IsResident || page.Lease.Slot.Page == page, $"the slot of page {page.Id} holds another page");
        }

        int used = 0, cached = 0;
        foreach (PageSlot slot in slots)
        {
            if (slot.Page is not { } page) continue;
            if (references.ContainsKey(page))
            {
                used++;
                continue;
            }

            cached++;
            Require(page.References == 0, $"page {page.Id} has {page.References} references but no table holds it");
            Require(page.IsSealed, $"slot {slot.Number} holds a page that is neither sealed nor in a table");
        }

        Require(free.All(slot => slot.Page is null), "a free slot holds a page");
        Require(free.Distinct().Count() == free.Count, "a slot is free twice");
        Require(free.Count + used + cached == slots.Count, $"free {free.Count} + used {used} + cached {cached} != total {slots.Count}");
        foreach ((PageId id, KvPage page) in sealedPages)
        {
            Require(page.IsSealed && page.Id == id, $"page {page.Id} is filed under id {id}");
            Require(page.References > 0 || page.IsResident, $"page {id} is held by none and not in memory");
        }

        Require(slots.All(slot => slot.Page is not { IsSealed: true } page || sealedPages.GetValueOrDefault(page.Id) == page),
            "a sealed page cannot be found by its id");
    }

    private static void Require(bool holds, string violation)
    {
        if (!holds) throw new InvalidOperationException($"The page pool is inconsistent: {violation}.");
    }
}
