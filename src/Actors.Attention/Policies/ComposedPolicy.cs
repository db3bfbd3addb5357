namespace Actors.Attention;

/// <summary>A policy for decoding and short chunks, with another one for long chunks and options that hold for both.</summary>
/// <param name="name">What the user wrote.</param>
/// <param name="decode">Reads for decoded tokens and short chunks.</param>
/// <param name="prefill">Reads for long chunks.</param>
/// <param name="options">Hold for both.</param>
internal sealed class ComposedPolicy(string name, IAttentionPolicy decode, IAttentionPolicy prefill, ReadOptions options) : IAttentionPolicy
{
    public string Name => name;

    public string Fingerprint { get; } = string.Join('|', decode.Fingerprint, ReferenceEquals(prefill, decode) ? "" : prefill.Fingerprint, options.Fingerprint);

    public IAttentionPolicy Prefill => ReferenceEquals(prefill, decode) ? this : prefill;

    public ReadOptions Options => options;

    public bool KeepsValues => decode.KeepsValues || prefill.KeepsValues;

    public AttentionView View(int position) => decode.View(position);

    public PolicyReader CreateReader(SequenceContext sequence) => decode.CreateReader(sequence);
}
