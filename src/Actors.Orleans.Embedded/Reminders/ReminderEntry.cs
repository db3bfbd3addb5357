using Orleans.Runtime;

namespace Orleans;

/// <summary>A row of the reminder table.</summary>
[GenerateSerializer]
public sealed class ReminderEntry
{
    /// <summary>The grain.</summary>
    [Id(0)]
    public GrainId GrainId { get; set; }

    /// <summary>Name of the reminder.</summary>
    [Id(1)]
    public string ReminderName { get; set; } = "";

    /// <summary>Time of the first tick, UTC.</summary>
    [Id(2)]
    public DateTime StartAt { get; set; }

    /// <summary>Period.</summary>
    [Id(3)]
    public TimeSpan Period { get; set; }

    /// <summary>Version of the row; set by the table.</summary>
    [Id(4)]
    public string? ETag { get; set; }
}
