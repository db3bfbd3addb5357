namespace Orleans.Placement;

/// <summary>On a grain class: activations are never moved to another silo. Nothing moves in a single silo.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ImmovableAttribute : Attribute;
