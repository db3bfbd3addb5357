using Actors.Attention;

namespace Actors.Engine;

/// <summary>How near a policy came to exact attention in one sequence.</summary>
/// <param name="Policy">Name of the policy, with its options.</param>
/// <param name="Report">Means over the sampled steps.</param>
public sealed record PolicyFidelity(string Policy, FidelityReport Report);
