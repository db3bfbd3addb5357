namespace Orleans.Runtime;

internal static class TaskExtensions
{
    /// <summary>Says that nobody awaits the task because it reports its failures itself.</summary>
    public static void Ignore(this Task task) => _ = task;
}
