using System.Text.Json;
using Actors.Engine;
using Actors.Grains.Abstractions;

namespace Actors.Grains;

/// <summary>Means of how near policies came to exact attention in a session: those of earlier starts, in the manifest, and those of this one.</summary>
internal static class FidelityMeans
{
    /// <summary>Property of a manifest that holds them.</summary>
    public const string Property = "fidelity";

    private const int MostPolicies = 8;

    /// <summary>Takes both together, by policy; the policy in use stays the last.</summary>
    /// <param name="earlier">Of earlier starts.</param>
    /// <param name="now">Of this one.</param>
    public static IReadOnlyList<SessionFidelity> Merge(IReadOnlyList<SessionFidelity> earlier, IReadOnlyList<PolicyFidelity> now)
    {
        if (now.Count == 0) return earlier;
        List<SessionFidelity> merged = [.. earlier.Where(entry => now.All(current => current.Policy != entry.Policy))];
        foreach (PolicyFidelity current in now)
        {
            SessionFidelity before = earlier.FirstOrDefault(entry => entry.Policy == current.Policy) ?? new SessionFidelity();
            long samples = before.Samples + current.Report.Samples;
            double Mean(double old, double mean) => samples == 0 ? 0 : ((old * before.Samples) + (mean * current.Report.Samples)) / samples;
            merged.Add(new SessionFidelity
            {
                Policy = current.Policy,
                Samples = samples,
                Skipped = before.Skipped + current.Report.Skipped,
                Recall = Mean(before.Recall, current.Report.Recall),
                OutputError = Mean(before.OutputError, current.Report.OutputError),
                KeysTouched = Mean(before.KeysTouched, current.Report.KeysTouched),
            });
        }
        return merged.Count <= MostPolicies ? merged : merged[^MostPolicies..];
    }

    public static string ToJson(IReadOnlyList<SessionFidelity> means) => JsonSerializer.Serialize([.. means], SessionJson.Default.SessionFidelityArray);

    /// <summary>Reads them; what cannot be read counts as none, since nothing depends on them.</summary>
    public static IReadOnlyList<SessionFidelity> Read(string? json)
    {
        try
        {
            return json is null ? [] : JsonSerializer.Deserialize(json, SessionJson.Default.SessionFidelityArray) ?? [];
        }
        catch (JsonException)
        {
            return [];
        }
    }
}
