using Orleans.Runtime;

namespace Orleans.Placement;

/// <summary>Prefers the silo of the caller.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class PreferLocalPlacementAttribute() : PlacementAttribute(new PreferLocalPlacement());
