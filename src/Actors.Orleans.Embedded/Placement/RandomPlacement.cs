namespace Orleans.Runtime;

/// <summary>Strategy that picks any silo.</summary>
public sealed class RandomPlacement : PlacementStrategy;
