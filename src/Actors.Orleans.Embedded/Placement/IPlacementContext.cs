namespace Orleans.Runtime.Placement;

/// <summary>What a placement director knows about the cluster.</summary>
public interface IPlacementContext
{
    /// <summary>This silo.</summary>
    SiloAddress LocalSilo { get; }

    /// <summary>The silos that can host the target.</summary>
    SiloAddress[] GetCompatibleSilos(PlacementTarget target);
}
