using Actors.Kernels;
using Actors.Models;
using Actors.Testing;

namespace Actors.Attention.Tests;

/// <summary>The bundled model over contexts longer than it was trained on.</summary>
public sealed class RecallTests
{
    private const string Garbage = "The grass is green. The sky is blue. The sun is yellow. Here we go. There and back again.\n";

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.25)]
    [InlineData(0.5)]
    [InlineData(0.75)]
    [InlineData(1.0)]
    public void Auto_PasskeyFarBeyondTheTrainedWindow_IsAnswered(double depth)
    {
        using BundledModel model = new(AttentionPolicies.Create("auto", 512), 4000);
        string answer = model.Ask(3000, depth);
        Assert.Contains("41873", answer);
    }

    [Fact]
    public void Streaming_PasskeyOutsideItsWindow_IsForgotten()
    {
        using BundledModel model = new(AttentionPolicies.Create("streaming", 512), 4000);
        Assert.DoesNotContain("41873", model.Ask(3000, 0.25));
        using BundledModel near = new(AttentionPolicies.Create("streaming", 512), 4000);
        Assert.Contains("41873", near.Ask(3000, 1));
    }

    [Theory]
    [InlineData("streaming")]
    [InlineData("blocks")]
    [InlineData("auto")]
    public void Perplexity_BeyondTheTrainedWindow_StaysFlat(string policy)
    {
        using BundledModel model = new(AttentionPolicies.Create(policy, 512), 4000);
        double[] loss = model.Loss(Prose(3072), 512);
        Assert.All(loss[1..], bucket => Assert.InRange(bucket, 0, loss[1..].Average() + 0.75));
    }

    private static IEnumerable<string> Prose(int tokens)
    {
        string[] subjects = ["The command", "A process", "This option", "The file", "Each line", "The kernel"], verbs = ["reads", "writes", "prints", "changes", "removes", "copies"];
        string[] objects = ["the default value.", "standard input.", "a directory.", "the current file.", "all of the following options.", "the list of users."];
        Random random = new(5);
        for (int i = 0; i < tokens; i++)
            yield return $"{subjects[random.Next(6)]} {verbs[random.Next(6)]} {objects[random.Next(6)]}\n";
    }

    private sealed class BundledModel : IDisposable
    {
        private readonly Checkpoint _checkpoint = Checkpoint.Open(RepositoryFiles.BundledModel);
        private readonly ComputePool _pool = new(2);
        private readonly CpuBackend _backend;
        private readonly ITokenizer _tokenizer;
        private readonly SequenceDriver _driver;

        public BundledModel(IAttentionPolicy policy, int tokens)
        {
            _backend = new(_checkpoint, _pool);
            _tokenizer = Tokenizer.Load(_checkpoint);
            _driver = new(_checkpoint, _backend, _pool, policy, tokens);
        }

        public string Ask(int tokens, double depth)
        {
            int[] garbage = _tokenizer.Encode(Garbage, false), key = _tokenizer.Encode("The pass key is 41873. Remember it. 41873 is the pass key.\n", false);
            int units = tokens / garbage.Length, before = (int)(units * depth);
            Feed(_tokenizer.Encode("<|im_start|>user\n", true));
            for (int i = 0; i < units; i++)
            {
                if (i == before)
                    Feed(key);
                Feed(garbage);
            }
            if (before == units)
                Feed(key);
            float[] logits = _driver.Step(_tokenizer.Encode("What is the pass key?<|im_end|>\n<|im_start|>assistant\n", true));
            List<int> answer = _driver.Continue(logits, 24, [.. _tokenizer.Encode("<|im_end|>", true)]);
            return _tokenizer.Decode(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(answer), true);
        }

        /// <summary>Mean loss (nats) per bucket of tokens.</summary>
        public double[] Loss(IEnumerable<string> prose, int bucketTokens)
        {
            int[] tokens = [.. prose.SelectMany(line => _tokenizer.Encode(line, false)).Take(3072)];
            int vocabulary = _backend.Shape.VocabularySize;
            double[] losses = new double[tokens.Length / bucketTokens];
            for (int first = 0; first < tokens.Length; first += 256)
            {
                int rows = Math.Min(256, tokens.Length - first);
                float[] logits = _driver.Step(tokens.AsSpan(first, rows), allRows: true);
                for (int i = 0; i < rows && first + i + 1 < tokens.Length; i++)
                {
                    ReadOnlySpan<float> row = logits.AsSpan(i * vocabulary, vocabulary);
                    float top = System.Numerics.Tensors.TensorPrimitives.Max(row);
                    double sum = 0;
                    foreach (float value in row)
                        sum += Math.Exp(value - top);
                    losses[Math.Min((first + i) / bucketTokens, losses.Length - 1)] += (top + Math.Log(sum) - row[tokens[first + i + 1]]) / bucketTokens;
                }
            }
            return losses;
        }

        public void Dispose()
        {
            _driver.Dispose();
            _backend.Dispose();
            _pool.Dispose();
            _checkpoint.Dispose();
        }

        private void Feed(int[] tokens) => _driver.Step(tokens);
    }
}
