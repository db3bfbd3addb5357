using Orleans.Runtime;

namespace Orleans.Placement;

/// <summary>Picks any silo.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class RandomPlacementAttribute() : PlacementAttribute(new RandomPlacement());
