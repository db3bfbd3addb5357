namespace Actors.Attention;

/// <summary>
/// Says what queries see. A policy holds options only: it is immutable, safe for concurrent use, and shared by all sequences. What it keeps about one
/// sequence (indexes, memories) is in the reader that it makes. Because keys are stored before RoPE, a sequence may go on under another policy
/// without computing anything again.
/// </summary>
public interface IAttentionPolicy
{
    /// <summary>How users choose it: a name, and perhaps options, as <see cref="AttentionPolicies.Create(string, PolicyEnvironment)"/> reads it.</summary>
    string Name { get; }

    /// <summary>Name, version and every option that changes results. Part of the identity of a page, since deeper layers' keys depend on the policy.</summary>
    string Fingerprint { get; }

    /// <summary>What reads for chunks longer than one query block (<see cref="AttentionPolicies.QueryBlockTokens"/>); shorter ones are read by this policy.</summary>
    /// <value>By default the policy itself.</value>
    IAttentionPolicy Prefill => this;

    /// <summary>What holds for every policy alike: calibration, sharing of weights between layers.</summary>
    /// <value>By default nothing.</value>
    ReadOptions Options => ReadOptions.None;

    /// <summary>Whether what it keeps holds values of a layer (means, sums), which the weights of another layer do not fit; such a policy cannot share weights between layers.</summary>
    /// <value>By default false.</value>
    bool KeepsValues => false;

    /// <summary>What the query at <paramref name="position"/> sees exactly, and where the rest of what it sees stands. Depends on the position alone.</summary>
    /// <remarks>
    /// A view with <see cref="AttentionView.Distant"/> must be equal for all positions of one query block
    /// (<see cref="AttentionPolicies.QueryBlockTokens"/> aligned tokens), and must start its window on a group boundary.
    /// </remarks>
    /// <param name="position">Position of the query token, from 0.</param>
    AttentionView View(int position);

    /// <summary>Makes what reads one sequence under this policy.</summary>
    /// <param name="sequence">The sequence; outlives the reader.</param>
    /// <returns>The reader; the caller disposes it.</returns>
    internal PolicyReader CreateReader(SequenceContext sequence);
}
