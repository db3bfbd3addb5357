using System.Text.Json;

namespace Actors.Server.Evaluation;

/// <summary>What the paper of a method claims, for comparison with what is measured here.</summary>
/// <param name="Method">Name of the policy.</param>
/// <param name="Source">Name and number of the paper.</param>
/// <param name="Claim">The claim, in words of our own.</param>
/// <param name="Measures">What to set against it: score, touched, decode, prefill, perplexity.</param>
/// <param name="Against">Policy whose perplexity it is compared with; null where perplexity is not measured.</param>
internal sealed record MethodClaim(string Method, string Source, string Claim, IReadOnlyList<string> Measures, string? Against = null)
{
    private static readonly Lazy<IReadOnlyList<MethodClaim>> Built = new(Load);

    /// <summary>The methods that there are claims of.</summary>
    public static IReadOnlyList<MethodClaim> All => Built.Value;

    /// <summary>Whether a policy is a way of running the method: by its name, or as the part that reads long chunks.</summary>
    /// <param name="policy">Policy with its options.</param>
    public bool IsRunBy(string policy) => policy.Split(':') is [string name, .. string[] options] && (name == Method || options.Contains($"prefill={Method}"));

    private static IReadOnlyList<MethodClaim> Load()
    {
        using Stream stream = typeof(MethodClaim).Assembly.GetManifestResourceStream("claims.json")!;
        return JsonSerializer.Deserialize<MethodClaim[]>(stream, JsonSerializerOptions.Web)!;
    }
}
