namespace Actors.Attention;

/// <summary>
/// Says what the query at a position sees. A policy holds options only: it is immutable, safe for concurrent use, and shared by all sequences.
/// Because keys are stored before RoPE, a sequence may go on under another policy without computing anything again.
/// </summary>
public interface IAttentionPolicy
{
    /// <summary>Name that users choose it by: dense, streaming, blocks, auto.</summary>
    string Name { get; }

    /// <summary>Name, version and every option that changes results. Part of the identity of a page, since deeper layers' keys depend on the policy.</summary>
    string Fingerprint { get; }

    /// <summary>How distant groups are chosen, null when the policy reads none.</summary>
    SelectionOptions? Selection { get; }

    /// <summary>What the query at <paramref name="position"/> sees. Depends on the position alone.</summary>
    /// <remarks>
    /// A view with <see cref="AttentionView.Distant"/> must be equal for all positions of one query block
    /// (<see cref="AttentionPolicies.QueryBlockTokens"/> aligned tokens), and must start its window on a group boundary.
    /// </remarks>
    /// <param name="position">Position of the query token, from 0.</param>
    AttentionView View(int position);
}
