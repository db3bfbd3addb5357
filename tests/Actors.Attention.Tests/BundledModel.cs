using Actors.Kernels;
using Actors.Models;
using Actors.Testing;

namespace Actors.Attention.Tests;

/// <summary>The bundled model under a policy.</summary>
internal sealed class BundledModel : IDisposable
{
    private const string Garbage = "The grass is green. The sky is blue. The sun is yellow. Here we go. There and back again.\n";

    /// <summary>What policies may know about the model.</summary>
    public static PolicyEnvironment Environment { get; } = Describe();

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
        Tell(tokens, depth);
        return Answer();
    }

    /// <summary>Feeds garbage with a pass key at a depth.</summary>
    public void Tell(int tokens, double depth)
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
    }

    /// <summary>Feeds garbage with a pass key at a depth in long chunks.</summary>
    public void TellInChunks(int tokens, double depth, int chunk)
    {
        int[] garbage = _tokenizer.Encode(Garbage, false), key = _tokenizer.Encode("The pass key is 41873. Remember it. 41873 is the pass key.\n", false);
        List<int[]> parts = [_tokenizer.Encode("<|im_start|>user\n", true), .. Enumerable.Repeat(garbage, tokens / garbage.Length)];
        parts.Insert(1 + (int)(tokens / garbage.Length * depth), key);
        foreach (int[] piece in parts.SelectMany(part => part).Chunk(chunk))
            Feed(piece);
    }

    /// <summary>The answer to the question for the key.</summary>
    public string Answer()
    {
        float[] logits = _driver.Step(_tokenizer.Encode("What is the pass key?<|im_end|>\n<|im_start|>assistant\n", true));
        List<int> answer = _driver.Continue(logits, 24, [.. _tokenizer.Encode("<|im_end|>", true)]);
        return _tokenizer.Decode(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(answer), true);
    }

    /// <summary>The answer under another policy; the question and the answer are dropped again.</summary>
    public string Answer(IAttentionPolicy policy)
    {
        int tokens = _driver.Table.TokenCount;
        _driver.Use(policy);
        string answer = Answer();
        _driver.Truncate(tokens);
        return answer;
    }

    /// <summary>Mean loss (nats) per bucket of 3,072 tokens of made prose.</summary>
    public double[] Loss(int bucketTokens, int chunk = 256)
    {
        int[] tokens = [.. Prose(3072).SelectMany(line => _tokenizer.Encode(line, false)).Take(3072)];
        int vocabulary = _backend.Shape.VocabularySize;
        double[] losses = new double[tokens.Length / bucketTokens];
        for (int first = 0; first < tokens.Length; first += chunk)
        {
            int rows = Math.Min(chunk, tokens.Length - first);
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

    private static IEnumerable<string> Prose(int tokens)
    {
        string[] subjects = ["The command", "A process", "This option", "The file", "Each line", "The kernel"], verbs = ["reads", "writes", "prints", "changes", "removes", "copies"];
        string[] objects = ["the default value.", "standard input.", "a directory.", "the current file.", "all of the following options.", "the list of users."];
        Random random = new(5);
        for (int i = 0; i < tokens; i++)
            yield return $"{subjects[random.Next(6)]} {verbs[random.Next(6)]} {objects[random.Next(6)]}\n";
    }

    private void Feed(int[] tokens) => _driver.Step(tokens);

    private static PolicyEnvironment Describe()
    {
        using Checkpoint checkpoint = Checkpoint.Open(RepositoryFiles.BundledModel);
        ModelShape shape = checkpoint.Config.Shape;
        return new(checkpoint.Config.TrainedWindow)
        {
            Shape = new(shape.Layers, shape.QueryHeads, shape.KvHeads, shape.HeadDim), ModelFingerprint = checkpoint.Fingerprint, ModelDirectory = checkpoint.Directory,
        };
    }
}
