using Actors.Attention;

namespace Actors.Engine;

/// <summary>Comparisons with exact attention of one sequence, by policy. The step thread writes; <see cref="Published"/> may be read from any thread.</summary>
internal sealed class FidelityLedger(AttentionShape shape, double rate, int keyLimit)
{
    private const int MostPolicies = 8;
    private readonly List<(string Policy, AttentionFidelity Fidelity)> _policies = [];
    private volatile IReadOnlyList<PolicyFidelity> _published = [];

    /// <summary>Policies in order of their first use that have sampled or skipped steps, the newest last.</summary>
    public IReadOnlyList<PolicyFidelity> Published => _published;

    /// <summary>The policy's comparisons, which go on where they were. The longest unused of too many is forgotten.</summary>
    /// <returns>Null when nothing is compared.</returns>
    public AttentionFidelity? Of(string policy)
    {
        if (rate == 0)
            return null;
        int index = _policies.FindIndex(entry => entry.Policy == policy);
        (string, AttentionFidelity Fidelity) used = index < 0 ? (policy, new AttentionFidelity(shape, rate, keyLimit)) : _policies[index];
        if (index >= 0)
            _policies.RemoveAt(index);
        else if (_policies.Count == MostPolicies)
            _policies.RemoveAt(0);
        _policies.Add(used);
        return used.Fidelity;
    }

    /// <summary>Publishes anew when the last step changed something.</summary>
    public void Publish()
    {
        if (_policies is not [.., (string policy, AttentionFidelity fidelity)])
            return;
        FidelityReport report = fidelity.Report;
        if (report != default && (_published is not [.., { } last] || last.Policy != policy || last.Report != report))
            _published = [.. _policies.Where(entry => entry.Fidelity.Report != default).Select(entry => new PolicyFidelity(entry.Policy, entry.Fidelity.Report))];
    }
}
