namespace Actors.Storage;

/// <summary>What an appended record survives.</summary>
public enum JournalFlush
{
    /// <summary>The end of this process at any instant: the record is with the operating system.</summary>
    OperatingSystem = 0,

    /// <summary>Also a loss of power: the record is on the disk.</summary>
    Disk = 1,
}
