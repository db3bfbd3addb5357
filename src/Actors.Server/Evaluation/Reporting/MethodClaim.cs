using System.Text.Json;

namespace Actors.Server.Evaluation;

/// <summary>What the paper of a method claims, for comparison with what is measured here.</summary>
/// <param name="Method">Name of the policy.</param>
/// <param name="Source">Name and number of the paper.</param>
/// <param name="Claim">The claim, in words of our own.</param>
/// <param name="Measures">What to set against it: score, touched, decode, prefill, perplexity.</param>
internal sealed record MethodClaim(string Method, string Source, string Claim, IReadOnlyList<string> Measures)
{
    private static readonly Lazy<IReadOnlyList<MethodClaim>> Built = new(Load);

    /// <summary>The methods that there are claims of.</summary>
    public static IReadOnlyList<MethodClaim> All => Built.Value;

    private static IReadOnlyList<MethodClaim> Load()
    {
        using Stream stream = typeof(MethodClaim).Assembly.GetManifestResourceStream("claims.json")!;
        return JsonSerializer.Deserialize<MethodClaim[]>(stream, JsonSerializerOptions.Web)!;
    }
}
