using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Orleans.Hosting;

namespace Orleans.Runtime;

/// <summary>Fires the reminders of the table. After a restart it goes on with the stored ones.</summary>
internal sealed class ReminderService(IReminderTable table, SiloRuntime runtime, IGrainFactory grains, IOptions<ReminderOptions> options)
{
    private readonly ConcurrentDictionary<(GrainId Grain, string Name), LocalReminder> _running = new();
    private volatile bool _stopped;

    public async Task StartAsync(CancellationToken ct)
    {
        await table.StartAsync(ct);
        // An empty range is the whole ring.
        ReminderTableData rows = await table.ReadRows(0, 0);
        foreach (ReminderEntry entry in rows.Reminders)
            Run(entry);
    }

    public async Task StopAsync(CancellationToken ct)
    {
        _stopped = true;
        foreach (LocalReminder reminder in _running.Values)
            reminder.Dispose();
        _running.Clear();
        await table.StopAsync(ct);
    }

    public async Task<IGrainReminder> RegisterOrUpdateAsync(GrainId grain, string name, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (dueTime < TimeSpan.Zero)
            throw new ArgumentOutOfRangeException(nameof(dueTime), dueTime, "The time to the first tick of a reminder must be finite and not negative.");
        if (period < TimeSpan.Zero)
            throw new ArgumentOutOfRangeException(nameof(period), period, "The period of a reminder must be finite and not negative.");
        if (period < options.Value.MinimumReminderPeriod)
        {
            throw new ArgumentException(
                $"Cannot register reminder {name}: its period {period} is below the minimum {options.Value.MinimumReminderPeriod}.", nameof(period));
        }

        var entry = new ReminderEntry { GrainId = grain, ReminderName = name, StartAt = (runtime.Time.GetUtcNow() + dueTime).UtcDateTime, Period = period };
        entry.ETag = await table.UpsertRow(entry) ?? throw new ReminderException($"Could not store reminder {name} of grain {grain}.");
        Run(entry);
        return new Reminder(entry);
    }

    public async Task UnregisterAsync(GrainId grain, IGrainReminder reminder)
    {
        ReminderEntry entry = (reminder as Reminder)?.Entry ?? throw new ArgumentException($"{reminder?.GetType()} is not a reminder of this silo.", nameof(reminder));
        if (!await table.RemoveRow(grain, entry.ReminderName, entry.ETag!))
            throw new ReminderException($"Could not remove reminder {entry.ReminderName} of grain {grain}: it was removed or replaced before.");
        if (_running.TryRemove((grain, entry.ReminderName), out LocalReminder? local))
            local.Dispose();
    }

    public async Task<IGrainReminder?> GetAsync(GrainId grain, string name) =>
        await table.ReadRow(grain, name) is { } entry ? new Reminder(entry) : null;

    public async Task<List<IGrainReminder>> GetAllAsync(GrainId grain) =>
        [.. (await table.ReadRows(grain)).Reminders.Select(e => new Reminder(e))];

    private void Run(ReminderEntry entry)
    {
        if (_stopped)
            return;
        var local = new LocalReminder(entry, runtime, grains.GetGrain<IRemindable>(entry.GrainId));
        _running.AddOrUpdate((entry.GrainId, entry.ReminderName), local, (_, old) =>
        {
            old.Dispose();
            return local;
        });
        local.Start();
    }

    private sealed class Reminder(ReminderEntry entry) : IGrainReminder
    {
        public ReminderEntry Entry => entry;

        public string ReminderName => entry.ReminderName;
    }
}
