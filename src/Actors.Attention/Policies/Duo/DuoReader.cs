namespace Actors.Attention;

/// <summary>Window and sinks for all heads, the whole memory for some.</summary>
internal sealed class DuoReader : KeptReader
{
    private readonly bool[] _full;

    public DuoReader(DuoPolicy policy, bool[] full, DistantReading beyond, SequenceContext sequence)
        : base(policy, sequence, new(sequence, full, beyond))
    {
        if (full.Length != sequence.Heads)
            throw new ArgumentException($"The head scores are of a model with {full.Length} KV heads in all layers; this one has {sequence.Heads}.", nameof(full));
        _full = full;
    }

    protected override bool ReadsWhole(int layer, int head) => _full[Sequence.HeadIndex(layer, head)];

    protected override void PrepareKept(int layer, int firstToken, int rows, ReadOnlySpan<float> queries)
    {
    }

    protected override void ReadKept(in QueryBlock block, AttentionView view)
    {
    }
}
