using System.Text.Json;
using Actors.Kernels;
using Actors.Models;
using Actors.Testing;

namespace Actors.Attention.Tests;

/// <summary>Whole models with reference logits, through pages and policies.</summary>
public sealed class ReferenceModelTests
{
    public static TheoryData<string> Names => [.. RepositoryFiles.ReferenceNames];

    [Theory, MemberData(nameof(Names))]
    public void Step_WindowHoldsTheContext_EqualsReferenceLogitsAndGreedyText(string name)
    {
        JsonElement expected = JsonDocument.Parse(File.ReadAllText(Path.Combine(RepositoryFiles.Reference(name), "expected.json"))).RootElement;
        int[] tokens = Ints(expected.GetProperty("tokens")), continuation = Ints(expected.GetProperty("greedyAfterFirst20"));
        using Checkpoint checkpoint = Checkpoint.Open(RepositoryFiles.Reference(name));
        using ComputePool pool = new(2);
        using CpuBackend backend = new(checkpoint, pool);
        foreach (IAttentionPolicy policy in (IAttentionPolicy[])[new DensePolicy(), new StreamingPolicy(new() { WindowTokens = 200 }), new BlocksPolicy(new() { WindowTokens = 160 }), new AutoPolicy(256, new())])
        {
            using SequenceDriver driver = new(checkpoint, backend, pool, policy, tokens.Length + 64);
            List<float> actual = [];
            foreach (int[] chunk in tokens.Chunk(37))
                actual.AddRange(driver.Step(chunk, allRows: true));
            int vocabulary = backend.Shape.VocabularySize, compared = 0;
            foreach (JsonProperty row in expected.GetProperty("last").EnumerateObject())
            {
                int position = int.Parse(row.Name, System.Globalization.CultureInfo.InvariantCulture), i = 0;
                foreach (JsonElement value in row.Value.EnumerateArray())
                {
                    Assert.Equal(value.GetSingle(), actual[(position * vocabulary) + i++], 1e-2f);
                    compared++;
                }
            }
            Assert.NotEqual(0, compared);
            driver.Truncate(0);
            Assert.Equal(continuation, driver.Continue(driver.Step(tokens.AsSpan(0, 20)), continuation.Length));
        }
    }

    private static int[] Ints(JsonElement array) => [.. array.EnumerateArray().Select(item => item.GetInt32())];
}
