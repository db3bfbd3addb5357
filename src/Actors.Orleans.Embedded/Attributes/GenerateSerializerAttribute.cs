namespace Orleans;

/// <summary>Marks a type that may be part of a message. A mutable type without it cannot cross a grain call.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Enum)]
public sealed class GenerateSerializerAttribute : Attribute;
