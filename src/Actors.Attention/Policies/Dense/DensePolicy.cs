namespace Actors.Attention;

/// <summary>Every query sees every earlier key at its true position: exact attention. Cost grows with the context.</summary>
public sealed class DensePolicy : IAttentionPolicy
{
    /// <inheritdoc/>
    public string Name => "dense";

    /// <inheritdoc/>
    public string Fingerprint => "dense/1";

    /// <inheritdoc/>
    public SelectionOptions? Selection => null;

    /// <inheritdoc/>
    public AttentionView View(int position) => AttentionView.Dense;
}
