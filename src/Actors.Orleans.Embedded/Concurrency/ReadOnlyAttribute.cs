namespace Orleans.Concurrency;

/// <summary>On a grain interface method: the call changes nothing and may interleave with other read-only calls.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ReadOnlyAttribute : Attribute;
