namespace Orleans.Runtime;

/// <summary>Strategy that prefers the silo of the caller.</summary>
public sealed class PreferLocalPlacement : PlacementStrategy;
