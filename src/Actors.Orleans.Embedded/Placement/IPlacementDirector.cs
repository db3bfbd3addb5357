namespace Orleans.Runtime.Placement;

/// <summary>Chooses the silo of a new activation. Registered directors are kept but never asked: there is one silo.</summary>
public interface IPlacementDirector
{
    /// <summary>Chooses a silo for <paramref name="target"/>.</summary>
    Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context);
}
