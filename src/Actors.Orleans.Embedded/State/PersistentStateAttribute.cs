namespace Orleans.Runtime;

/// <summary>On a constructor parameter of type <see cref="IPersistentState{TState}"/>: which state, in which storage.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public class PersistentStateAttribute(string stateName, string? storageName = null) : Attribute
{
    /// <summary>Name of the state.</summary>
    public string StateName { get; } = stateName;

    /// <summary>Name of the storage; null for the default one.</summary>
    public string? StorageName { get; } = storageName;
}
