namespace Orleans;

/// <summary>Fixes the grain type name of a class, which otherwise is the class name in lower case without "grain".</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class GrainTypeAttribute(string grainType) : Attribute
{
    internal string Name { get; } = grainType;
}
