namespace Orleans.Runtime;

/// <summary>Says where activations of a grain class may live. With one silo the answer is always here.</summary>
public abstract class PlacementStrategy;
