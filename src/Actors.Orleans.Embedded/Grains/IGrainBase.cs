using Orleans.Runtime;

namespace Orleans;

/// <summary>What a grain class must have when it does not derive from <see cref="Grain"/>.</summary>
public interface IGrainBase
{
    /// <summary>The activation that the instance belongs to.</summary>
    IGrainContext GrainContext { get; }

    /// <summary>Runs before the first call. An exception fails the calls that caused the activation.</summary>
    Task OnActivateAsync(CancellationToken token) => Task.CompletedTask;

    /// <summary>Runs after the last call. Not run when the process dies.</summary>
    Task OnDeactivateAsync(DeactivationReason reason, CancellationToken token) => Task.CompletedTask;
}
