using System.Collections.Concurrent;

namespace Actors.Conformance.Reminders;

/// <summary>A reminder table that outlives the silos that use it.</summary>
public sealed class SharedReminderTable : IReminderTable
{
    private readonly ConcurrentDictionary<(GrainId Grain, string Name), ReminderEntry> _rows = new();
    private int _version;

    public Task<ReminderTableData> ReadRows(GrainId grainId) => Find(e => e.GrainId == grainId);

    public Task<ReminderTableData> ReadRows(uint begin, uint end) => Find(e =>
    {
        uint hash = e.GrainId.GetUniformHashCode();
        return begin < end ? hash > begin && hash <= end : begin == end || hash > begin || hash <= end;
    });

    public Task<ReminderEntry?> ReadRow(GrainId grainId, string reminderName) => Task.FromResult(_rows.GetValueOrDefault((grainId, reminderName)));

    public Task<string?> UpsertRow(ReminderEntry entry)
    {
        entry.ETag = Interlocked.Increment(ref _version).ToString();
        _rows[(entry.GrainId, entry.ReminderName)] = entry;
        return Task.FromResult<string?>(entry.ETag);
    }

    public Task<bool> RemoveRow(GrainId grainId, string reminderName, string eTag) => Task.FromResult(
        _rows.TryGetValue((grainId, reminderName), out ReminderEntry? row) && row.ETag == eTag && _rows.TryRemove((grainId, reminderName), out _));

    public Task TestOnlyClearTable()
    {
        _rows.Clear();
        return Task.CompletedTask;
    }

    private Task<ReminderTableData> Find(Func<ReminderEntry, bool> condition) =>
        Task.FromResult(new ReminderTableData(_rows.Values.Where(condition).ToArray()));
}
