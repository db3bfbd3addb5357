namespace Orleans.Runtime;

/// <summary>One activation, as its grain sees it.</summary>
public interface IGrainContext : IEquatable<IGrainContext>
{
    /// <summary>Identity of the grain.</summary>
    GrainId GrainId { get; }

    /// <summary>Identity of this activation.</summary>
    ActivationId ActivationId { get; }

    /// <summary>A reference to the grain.</summary>
    GrainReference GrainReference { get; }

    /// <summary>The grain; null until it was constructed.</summary>
    object? GrainInstance { get; }

    /// <summary>Services that live as long as the activation.</summary>
    IServiceProvider ActivationServices { get; }

    /// <summary>Stages of the activation's life.</summary>
    IGrainLifecycle ObservableLifecycle { get; }

    /// <summary>Completes when the activation has ended.</summary>
    Task Deactivated { get; }

    /// <summary>Asks the activation to end when its running calls are done. Does not wait.</summary>
    void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default);
}
