using Orleans.Runtime;

namespace Orleans;

/// <summary>A grain that has reminders.</summary>
public interface IRemindable : IGrain
{
    /// <summary>A reminder is due. Missed ticks are not made up for; duplicates are possible.</summary>
    Task ReceiveReminder(string reminderName, TickStatus status);
}
