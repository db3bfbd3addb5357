namespace Orleans.Concurrency;

/// <summary>On a grain class: any call may start while others wait at an await. There is still one turn at a time.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ReentrantAttribute : Attribute;
