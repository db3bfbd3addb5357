namespace Actors.Conformance.Reminders;

public sealed class ReminderGrain(Probe probe) : Grain, IReminderGrain, IRemindable
{
    public async Task<string> RegisterAsync(string name, TimeSpan due, TimeSpan period)
    {
        IGrainReminder reminder = await this.RegisterOrUpdateReminder(name, due, period);
        return reminder.ReminderName;
    }

    public async Task UnregisterAsync(string name)
    {
        IGrainReminder? reminder = await this.GetReminder(name);
        await this.UnregisterReminder(reminder!);
    }

    public async Task<List<string>> NamesAsync()
    {
        List<IGrainReminder> all = await this.GetReminders();
        return [.. all.Select(r => r.ReminderName).Order()];
    }

    public Task ReceiveReminder(string reminderName, TickStatus status)
    {
        int tick = probe.Count(this.GetPrimaryKeyString());
        probe.Signal($"{this.GetPrimaryKeyString()} {reminderName} {tick}", status.Period.ToString());
        return Task.CompletedTask;
    }
}
