namespace Orleans.Runtime;

/// <summary>Handle of a registered reminder.</summary>
public interface IGrainReminder
{
    /// <summary>Its name, unique within the grain.</summary>
    string ReminderName { get; }
}
