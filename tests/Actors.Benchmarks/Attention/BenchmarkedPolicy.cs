using Actors.Attention;

namespace Actors.Benchmarks.Attention;

/// <summary>A policy at work: its reader sees the context as it comes.</summary>
internal sealed class BenchmarkedPolicy(string spec, IAttentionPolicy policy, SequenceContext sequence) : IDisposable
{
    public string Spec => spec;

    public IAttentionPolicy Policy => policy;

    public SequenceContext Sequence => sequence;

    public PolicyReader Reader { get; } = policy.CreateReader(sequence);

    /// <summary>Time of indexing the context.</summary>
    public TimeSpan Build { get; set; }

    public void Dispose() => Reader.Dispose();
}
