using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;

namespace Orleans;

/// <summary>Reminders of a grain.</summary>
public static class GrainReminderExtensions
{
    /// <summary>Registers a reminder, or replaces the one with this name.</summary>
    /// <exception cref="ArgumentException">The period is below the minimum, or a time is negative or infinite.</exception>
    /// <exception cref="InvalidOperationException">The grain is not <see cref="IRemindable"/>.</exception>
    public static Task<IGrainReminder> RegisterOrUpdateReminder(this IGrainBase grain, string reminderName, TimeSpan dueTime, TimeSpan period) =>
        Service(grain).RegisterOrUpdateAsync(grain.GrainContext.GrainId, reminderName, dueTime, period);

    /// <summary>Removes a reminder.</summary>
    public static Task UnregisterReminder(this IGrainBase grain, IGrainReminder reminder) =>
        Service(grain).UnregisterAsync(grain.GrainContext.GrainId, reminder);

    /// <summary>A reminder by name; null when there is none.</summary>
    public static Task<IGrainReminder?> GetReminder(this IGrainBase grain, string reminderName) =>
        Service(grain).GetAsync(grain.GrainContext.GrainId, reminderName);

    /// <summary>All reminders of the grain.</summary>
    public static Task<List<IGrainReminder>> GetReminders(this IGrainBase grain) => Service(grain).GetAllAsync(grain.GrainContext.GrainId);

    private static ReminderService Service(IGrainBase grain)
    {
        ArgumentNullException.ThrowIfNull(grain);
        if (grain is not IRemindable)
            throw new InvalidOperationException($"Grain {grain.GrainContext.GrainId} has no reminders: {grain.GetType()} does not implement {nameof(IRemindable)}.");
        return grain.GrainContext.ActivationServices.GetService<ReminderService>()
            ?? throw new OrleansConfigurationException("Reminders are not set up: call AddReminders or UseInMemoryReminderService on the silo.");
    }
}
