namespace Orleans.Runtime;

/// <summary>Work that a silo does once when it has started.</summary>
public interface IStartupTask
{
    /// <summary>Does the work.</summary>
    Task Execute(CancellationToken cancellationToken);
}
