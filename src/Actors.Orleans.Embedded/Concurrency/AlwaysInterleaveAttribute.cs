namespace Orleans.Concurrency;

/// <summary>On a grain interface method: the call may run while other calls of the grain wait at an await.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class AlwaysInterleaveAttribute : Attribute;
