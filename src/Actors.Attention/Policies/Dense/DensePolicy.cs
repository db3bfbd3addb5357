namespace Actors.Attention;

/// <summary>Every query sees every earlier key at its true position: exact attention. Cost grows with the context.</summary>
public sealed class DensePolicy : IAttentionPolicy
{
    /// <inheritdoc/>
    public string Name => "dense";

    /// <inheritdoc/>
    public string Fingerprint => "dense/1";

    /// <inheritdoc/>
    public AttentionView View(int position) => AttentionView.Dense;

    PolicyReader IAttentionPolicy.CreateReader(SequenceContext sequence) => new WindowReader(this, null, sequence);

    internal static DensePolicy Create(PolicyArguments arguments)
    {
        arguments.ThrowOnFailures([]);
        return new();
    }
}
