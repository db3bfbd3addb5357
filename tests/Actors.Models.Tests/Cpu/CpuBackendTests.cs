using System.Text.Json;
using Actors.Kernels;
using Actors.Testing;

namespace Actors.Models.Tests;

public sealed class CpuBackendTests
{
    private const double Tolerance = 1e-2;

    public static TheoryData<string> References() => [.. RepositoryFiles.ReferenceNames];

    [Theory]
    [MemberData(nameof(References))]
    public void Forward_ReferenceCheckpoint_EqualsItsFloat64Logits(string name) =>
        CheckLogits(RepositoryFiles.Reference(name));

    [Fact]
    public void Forward_BundledModel_EqualsItsFloat64Logits() => CheckLogits(RepositoryFiles.BundledModel);

    [Theory]
    [MemberData(nameof(References))]
    public void Forward_ReferenceCheckpoint_ContinuesGreedilyAsItsReference(string name)
    {
        using JsonDocument expected = Expected(RepositoryFiles.Reference(name));
        CheckGreedy(RepositoryFiles.Reference(name), Tokens(expected, "tokens")[..20], Tokens(expected, "greedyAfterFirst20"));
    }

    [Fact]
    public void Forward_BundledModel_ContinuesGreedilyAsItsReference()
    {
        using JsonDocument expected = Expected(RepositoryFiles.BundledModel);
        CheckGreedy(RepositoryFiles.BundledModel, Tokens(expected, "tokens"), Tokens(expected, "greedy"));
    }

    [Theory]
    [InlineData("qwen2")]
    [InlineData("qwen3")]
    [InlineData("mistral")]
    public void Forward_AnyChunksAndThreads_GivesTheSameBits(string name)
    {
        using Checkpoint checkpoint = Checkpoint.Open(RepositoryFiles.Reference(name));
        using JsonDocument expected = Expected(checkpoint.Directory);
        int[] tokens = Tokens(expected, "tokens");
        float[] whole = Logits(checkpoint, tokens, threads: 1, chunks: [tokens.Length]);
        foreach ((int threads, int[] chunks) in ((int, int[])[])[(1, [1]), (2, [tokens.Length]), (3, [40]), (3, [7, 1, 2, 17]), (2, [3])])
        {
            Assert.Equal(whole, Logits(checkpoint, tokens, threads, chunks));
        }
    }

    [Fact]
    public void Forward_WeightsAsFloat32_GivesTheBitsOfBFloat16()
    {
        using Checkpoint original = Checkpoint.Open(RepositoryFiles.Reference("qwen2"));
        using var retyped = new RetypedCheckpoint(original.Directory, WeightType.Float32);
        using JsonDocument expected = Expected(original.Directory);
        int[] tokens = Tokens(expected, "tokens")[..30];
        Assert.Equal(Logits(original, tokens, 1, [30]), Logits(retyped.Checkpoint, tokens, 2, [1, 17]));
    }

    [Fact]
    public void Forward_WeightsAsFloat16_StaysWithinTheTolerance()
    {
        using Checkpoint original = Checkpoint.Open(RepositoryFiles.Reference("qwen3"));
        using var retyped = new RetypedCheckpoint(original.Directory, WeightType.Float16);
        using JsonDocument expected = Expected(original.Directory);
        int[] tokens = Tokens(expected, "tokens")[..30];
        float[] exact = Logits(original, tokens, 1, [30]), half = Logits(retyped.Checkpoint, tokens, 2, [1, 17]);
        Assert.All(exact.Zip(half), pair => Assert.Equal(pair.First, pair.Second, Tolerance));
    }

    [Fact]
    public void Layer_MoreRowsThanOneChunk_EqualsRowByRow()
    {
        const int Rows = CpuBackend.ChunkRows + 5;
        using Checkpoint checkpoint = Checkpoint.Open(RepositoryFiles.Reference("qwen3"));
        using var pool = new ComputePool(2);
        using var backend = new CpuBackend(checkpoint, pool);
        var many = new LayerBuffers(backend.Shape, Rows);
        many.Run(backend, 1);
        foreach (int row in (ReadOnlySpan<int>)[0, CpuBackend.ChunkRows - 1, CpuBackend.ChunkRows, Rows - 1])
        {
            LayerBuffers one = many.Row(row);
            one.Run(backend, 1);
            Assert.Equal(many.RowOf(many.Queries, row), one.Queries);
            Assert.Equal(many.RowOf(many.Keys, row), one.Keys);
            Assert.Equal(many.RowOf(many.Values, row), one.Values);
            Assert.Equal(many.RowOf(many.Hidden, row), one.Hidden);
            Assert.Equal(many.RowOf(many.Logits, row), one.Logits);
        }
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(2, 40)]
    public void Layer_WarmedUp_AllocatesNothing(int threads, int rows)
    {
        using Checkpoint checkpoint = Checkpoint.Open(RepositoryFiles.Reference("qwen3"));
        using var pool = new ComputePool(threads);
        using var backend = new CpuBackend(checkpoint, pool);
        var buffers = new LayerBuffers(backend.Shape, rows);
        buffers.Run(backend, 0);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10; i++)
        {
            buffers.Run(backend, 0);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Embed_TokenOutsideVocabulary_NamesTheToken()
    {
        using Checkpoint checkpoint = Checkpoint.Open(RepositoryFiles.Reference("llama"));
        using var pool = new ComputePool(1);
        using var backend = new CpuBackend(checkpoint, pool);
        float[] hidden = new float[backend.Shape.HiddenSize];
        Assert.Contains("320", Assert.Throws<ArgumentOutOfRangeException>(() => backend.Embed([320], hidden)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => backend.Embed([-1], hidden));
    }

    [Fact]
    public void Calls_WithWrongArguments_Throw()
    {
        using Checkpoint checkpoint = Checkpoint.Open(RepositoryFiles.Reference("llama"));
        using var pool = new ComputePool(1);
        var backend = new CpuBackend(checkpoint, pool);
        var buffers = new LayerBuffers(backend.Shape, 2);
        Assert.Throws<ArgumentException>(() => backend.Pre(0, 3, buffers.Hidden, buffers.Queries, buffers.Keys, buffers.Values));
        Assert.Throws<ArgumentException>(() => backend.Post(0, 2, buffers.Queries.AsSpan(1), buffers.Hidden));
        Assert.Throws<ArgumentException>(() => backend.Head(2, buffers.Hidden, buffers.Logits.AsSpan(1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => backend.Post(3, 2, buffers.Queries, buffers.Hidden));
        backend.Dispose();
        Assert.Throws<ObjectDisposedException>(() => buffers.Run(backend, 0));
    }

    private static void CheckLogits(string directory)
    {
        using Checkpoint checkpoint = Checkpoint.Open(directory);
        using JsonDocument expected = Expected(directory);
        int[] tokens = Tokens(expected, "tokens");
        int vocabulary = checkpoint.Config.Shape.VocabularySize, positions = 0;
        float[] logits = Logits(checkpoint, tokens, threads: 2, chunks: [64, 1, 22]);
        foreach (JsonProperty position in expected.RootElement.GetProperty("last").EnumerateObject())
        {
            int row = int.Parse(position.Name, System.Globalization.CultureInfo.InvariantCulture), token = 0;
            foreach (JsonElement value in position.Value.EnumerateArray())
            {
                Assert.Equal(value.GetDouble(), logits[row * vocabulary + token], Tolerance);
                token++;
            }

            Assert.Equal(vocabulary, token);
            positions++;
        }

        Assert.True(positions >= 3, $"{directory} lists only {positions} positions");
    }

    private static void CheckGreedy(string directory, int[] prompt, int[] expected)
    {
        using Checkpoint checkpoint = Checkpoint.Open(directory);
        using var pool = new ComputePool(1);
        using var backend = new CpuBackend(checkpoint, pool);
        var model = new DenseForward(backend, checkpoint.Config.CreateRotaryEmbedding());
        int vocabulary = backend.Shape.VocabularySize;
        float[] logits = model.Append(prompt);
        var generated = new List<int>();
        while (generated.Count < expected.Length)
        {
            ReadOnlySpan<float> last = logits.AsSpan(logits.Length - vocabulary);
            int best = 0;
            for (int token = 1; token < vocabulary; token++)
            {
                if (last[token] > last[best])
                {
                    best = token;
                }
            }

            generated.Add(best);
            logits = model.Append([best]);
        }

        Assert.Equal(expected, generated);
    }

    private static float[] Logits(Checkpoint checkpoint, int[] tokens, int threads, int[] chunks)
    {
        using var pool = new ComputePool(threads);
        using var backend = new CpuBackend(checkpoint, pool);
        var model = new DenseForward(backend, checkpoint.Config.CreateRotaryEmbedding());
        var logits = new List<float>();
        for (int done = 0, i = 0; done < tokens.Length; i++)
        {
            int rows = Math.Min(chunks[i % chunks.Length], tokens.Length - done);
            logits.AddRange(model.Append(tokens.AsSpan(done, rows)));
            done += rows;
        }

        return [.. logits];
    }

    private static JsonDocument Expected(string directory) => JsonDocument.Parse(File.ReadAllBytes(Path.Combine(directory, "expected.json")));

    private static int[] Tokens(JsonDocument expected, string property) =>
        [.. expected.RootElement.GetProperty(property).EnumerateArray().Select(token => token.GetInt32())];
}
