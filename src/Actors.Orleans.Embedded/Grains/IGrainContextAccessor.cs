namespace Orleans.Runtime;

/// <summary>Gives the activation whose turn runs on this thread.</summary>
public interface IGrainContextAccessor
{
    /// <summary>The activation; null outside grains.</summary>
    IGrainContext GrainContext { get; }
}
