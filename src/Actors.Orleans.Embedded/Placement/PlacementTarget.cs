namespace Orleans.Runtime.Placement;

/// <summary>The grain that needs a place.</summary>
public readonly struct PlacementTarget(
    GrainId grainIdentity, Dictionary<string, object> requestContextData, GrainInterfaceType interfaceType, ushort interfaceVersion)
{
    /// <summary>Identity of the grain.</summary>
    public GrainId GrainIdentity { get; } = grainIdentity;

    /// <summary>Request context of the call that asks for the grain.</summary>
    public Dictionary<string, object> RequestContextData { get; } = requestContextData;

    /// <summary>Interface of the call.</summary>
    public GrainInterfaceType InterfaceType { get; } = interfaceType;

    /// <summary>Version of that interface.</summary>
    public ushort InterfaceVersion { get; } = interfaceVersion;
}
