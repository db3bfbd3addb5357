namespace Actors.KvCache;

/// <summary>Where a pool's slots are.</summary>
/// <param name="FreePages">Slots that hold no page.</param>
/// <param name="UsedPages">Slots whose page is held by at least one page table.</param>
/// <param name="CachedPages">Slots whose sealed page is held by none and kept for reuse.</param>
/// <param name="TotalPages">Slots allocated; the sum of the others.</param>
public readonly record struct PoolUsage(int FreePages, int UsedPages, int CachedPages, int TotalPages);
