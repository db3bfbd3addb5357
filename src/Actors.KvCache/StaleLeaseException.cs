namespace Actors.KvCache;

/// <summary>A page's memory was used through a lease after the slot had been released or given to another page.</summary>
public sealed class StaleLeaseException : InvalidOperationException
{
    internal StaleLeaseException(int slot, int leaseVersion, int slotVersion)
        : base($"Stale lease of slot {slot}: version {leaseVersion}, the slot is at version {slotVersion}. The page was released.")
    {
    }
}
