using Actors.Kernels;
using Actors.KvCache;

namespace Actors.Attention.Tests;

/// <summary>Layers that weigh their values by the attention weights of an earlier layer.</summary>
public sealed class LayerSharingTests
{
    private static readonly AttentionShape Shape = new(5, 4, 2, 16);
    private const int Tokens = 300;

    [Theory]
    [InlineData("dense", 1)]
    [InlineData("dense", 77)]
    [InlineData("streaming:window=64", 50)]
    [InlineData("blocks:window=64:sinks=16:kept=2", 20)]
    [InlineData("blocks:window=64:sinks=16:kept=2", 200)]
    public void Execute_SharedLayers_AreBitEqualToTheirValuesUnderTheFirstLayersQueriesAndKeys(string policy, int chunk)
    {
        float[][] own = [.. Enumerable.Range(0, 15).Select(Random)], first = [.. own];
        foreach ((int layer, int from) in ((int, int)[])[(1, 0), (3, 2), (4, 2)])
            (first[layer * 3], first[(layer * 3) + 1]) = (own[from * 3], own[(from * 3) + 1]);
        float[][] shared = Run(policy + ":share=0-1,2-4", own, chunk), expected = Run(policy, first, chunk), alone = Run(policy, own, chunk);
        for (int layer = 0; layer < Shape.Layers; layer++)
            Assert.Equal(expected[layer], shared[layer]);
        Assert.NotEqual(alone[1], shared[1]);
    }

    [Fact]
    public void Execute_SharedLayer_EqualsALiteralSoftmax()
    {
        float[][] own = [.. Enumerable.Range(0, 15).Select(Random)];
        float[] output = Run("dense:share=1-3", own, 64)[3];
        int d = Shape.HeadDim, row = 200;
        RotaryEmbedding rope = Rope();
        for (int head = 0; head < Shape.QueryHeads; head++)
        {
            double[] query = Turned(rope, own[3].AsSpan(((row * Shape.QueryHeads) + head) * d, d), row);
            double[] weights = [.. Enumerable.Range(0, row + 1).Select(token => Math.Exp(Turned(rope, own[4].AsSpan(((token * Shape.KvHeads) + (head / 2)) * d, d), token)
                .Zip(query, (x, y) => x * y).Sum() / Math.Sqrt(d)))];
            for (int i = 0; i < d; i++)
            {
                double value = weights.Select((weight, token) => weight * own[11][(((token * Shape.KvHeads) + (head / 2)) * d) + i]).Sum() / weights.Sum();
                Assert.Equal(value, output[(((row * Shape.QueryHeads) + head) * d) + i], 2e-5);
            }
        }
    }

    [Theory]
    [InlineData("share=2-2", "share has '2-2'")]
    [InlineData("share=3-1,x", "share has '3-1'", "share has 'x'")]
    [InlineData("share=0-2,2-3:window=0", "0-2 and 2-3, which overlap", "window")]
    [InlineData("share=3-5", "share has 3-5, but the model's layers are 0 to 4")]
    public void Create_BadRanges_NamesAllOfThem(string options, params string[] words)
    {
        PolicyEnvironment environment = new(512) { Shape = Shape };
        string message = Assert.Throws<ArgumentException>(() => AttentionPolicies.Create("streaming:" + options, environment)).Message;
        Assert.All(words, word => Assert.Contains(word, message, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public void Create_PolicyThatKeepsValues_IsRefused()
        => Assert.Contains("keeps values of its own", Assert.Throws<ArgumentException>(() => AttentionPolicies.Create("camelot:share=0-1", 512)).Message);

    [Fact]
    public void Create_NothingKnownOfTheModel_IsCheckedAgainstTheLayersLater()
    {
        IAttentionPolicy policy = AttentionPolicies.Create("dense:share=3-5", 512);
        Assert.Contains("layers are 0 to 4", Assert.Throws<ArgumentException>(() => policy.Options.KeyLayers(5)).Message);
        Assert.Equal([0, 1, 2, 3, 3, 3], policy.Options.KeyLayers(6));
    }

    [Fact]
    public void Fingerprint_SharedLayers_ChangesItAndDoesNotDependOnTheirOrder()
    {
        string[] fingerprints = [.. ((string[])["dense", "dense:share=0-1", "dense:share=2-4", "dense:share=0-1,2-4", "dense:share=2-4,0-1"])
            .Select(spec => AttentionPolicies.Create(spec, 512).Fingerprint)];
        Assert.Equal(4, fingerprints.Distinct().Count());
        Assert.Equal(fingerprints[3], fingerprints[4]);
    }

    // Queries, keys and values of every layer, in this order; outputs by layer.
    private static float[][] Run(string spec, float[][] rows, int chunk)
    {
        IAttentionPolicy policy = AttentionPolicies.Create(spec, new PolicyEnvironment(512) { Shape = Shape });
        KvLayout layout = new(Shape.Layers, Shape.KvHeads, Shape.HeadDim, KvFormat.Float16);
        using PagePool pool = new(layout, 32L * layout.PageBytes);
        using PageTable table = new(pool, new("model", policy.Fingerprint, "tenant"));
        using SequenceAttention attention = new(policy, table, Rope(), Shape);
        AttentionScratch scratch = new();
        int query = Shape.QueryHeads * Shape.HeadDim, key = Shape.KvHeads * Shape.HeadDim;
        float[][] outputs = [.. Enumerable.Range(0, Shape.Layers).Select(_ => new float[Tokens * query])];
        for (int first = 0, count; first < Tokens; first += count)
        {
            count = Math.Min(chunk, Tokens - first);
            Assert.True(table.TryReserve(count));
            for (int layer = 0; layer < Shape.Layers; layer++)
            {
                table.Write(layer, first, count, rows[(layer * 3) + 1].AsSpan(first * key, count * key), rows[(layer * 3) + 2].AsSpan(first * key, count * key));
                ReadOnlySpan<float> queries = rows[layer * 3].AsSpan(first * query, count * query);
                int tasks = attention.Prepare(layer, count, queries);
                for (int task = 0; task < tasks; task++)
                    attention.Execute(layer, task, first, count, queries, outputs[layer].AsSpan(first * query, count * query), scratch);
            }
            table.Commit(new int[count]);
            attention.OnCommitted();
        }
        return outputs;
    }

    private static RotaryEmbedding Rope() => new([.. Enumerable.Range(0, Shape.HeadDim / 2).Select(i => Math.Pow(10000, -2.0 * i / Shape.HeadDim))]);

    private static double[] Turned(RotaryEmbedding rope, ReadOnlySpan<float> row, int position)
    {
        float[] cos = new float[row.Length / 2], sin = new float[row.Length / 2], turned = new float[row.Length];
        rope.Fill(position, cos, sin);
        RotaryEmbedding.Rotate(row, cos, sin, turned);
        return [.. turned.Select(value => (double)value)];
    }

    private static float[] Random(int seed)
    {
        Random random = new(seed + 40);
        int heads = seed % 3 == 0 ? Shape.QueryHeads : Shape.KvHeads;
        return [.. Enumerable.Range(0, Tokens * heads * Shape.HeadDim).Select(_ => (float)(Half)((random.NextDouble() * 4) - 2))];
    }
}
