using System.Text.Json;
using Actors.Testing;

namespace Actors.Engine.Tests;

/// <summary>What a reference checkpoint's expected.json says: tokens, logits at some positions, and a greedy continuation.</summary>
internal sealed record ReferenceRun(int[] Tokens, IReadOnlyDictionary<int, float[]> Logits, int[] GreedyAfterFirst20)
{
    public static ReferenceRun Read(string checkpoint)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(RepositoryFiles.Reference(checkpoint), "expected.json")));
        JsonElement root = document.RootElement;
        return new ReferenceRun(
            root.GetProperty("tokens").Deserialize<int[]>()!,
            root.GetProperty("last").EnumerateObject().ToDictionary(entry => int.Parse(entry.Name), entry => entry.Value.Deserialize<float[]>()!),
            root.GetProperty("greedyAfterFirst20").Deserialize<int[]>()!);
    }
}
