using Orleans.Runtime;

namespace Orleans;

/// <summary>Where reminders are kept. Register one as a singleton to make them survive a restart.</summary>
public interface IReminderTable
{
    /// <summary>Opens the table.</summary>
    Task StartAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

    /// <summary>Closes the table.</summary>
    Task StopAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

    /// <summary>All rows of a grain.</summary>
    Task<ReminderTableData> ReadRows(GrainId grainId);

    /// <summary>Rows whose uniform hash of the grain is in (begin, end], around the ring; all rows when both are equal.</summary>
    Task<ReminderTableData> ReadRows(uint begin, uint end);

    /// <summary>One row; null when there is none.</summary>
    Task<ReminderEntry?> ReadRow(GrainId grainId, string reminderName);

    /// <summary>Inserts or replaces a row and gives its new ETag.</summary>
    Task<string?> UpsertRow(ReminderEntry entry);

    /// <summary>Removes a row when its ETag matches; false when it did not.</summary>
    Task<bool> RemoveRow(GrainId grainId, string reminderName, string eTag);

    /// <summary>Removes all rows. For tests.</summary>
    Task TestOnlyClearTable();
}
