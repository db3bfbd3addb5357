using Actors.Attention;
using Actors.Engine;
using Actors.Kernels;
using Actors.Models;
using Microsoft.Extensions.Logging.Abstractions;

namespace Actors.Benchmarks.Indexes;

/// <summary>Reads a text with a model under the policy `auto` and cuts out of it what an index over distant keys gets to see.</summary>
internal static class ModelRecording
{
    private const int AskedTokens = 1024, AskedEvery = 32, LearnedPerHead = 2000;

    public static async Task<IReadOnlyList<RecordedHead>> RunAsync(string checkpoint, string textFile, int keys, IReadOnlyList<int>? layers)
    {
        LoadedModel loaded = LoadedModel.Open(checkpoint, Environment.ProcessorCount);
        BlocksOptions view = BlocksOptions.For(loaded.Config.TrainedWindow);
        int groupSize = loaded.AttentionShape.GroupSize;
        int tokens = view.SinkTokens + keys + view.WindowTokens + AskedTokens, firstAsked = tokens - AskedTokens;
        int learnEvery = Math.Max(keys * groupSize / LearnedPerHead, 1);
        int[] text = loaded.Tokenizer.Encode(await File.ReadAllTextAsync(textFile), parseSpecialTokens: false);
        if (text.Length < tokens)
            throw new ArgumentException($"'{textFile}' has {text.Length} tokens; {keys} distant keys need {tokens}. Give a longer text or fewer keys.", nameof(textFile));
        RecordingBackend? recording = null;
        using LoadedModel model = loaded.WithBackend(inner => recording = new(inner, tokens,
            position => position >= firstAsked ? (position - firstAsked) % AskedEvery == AskedEvery - 1 : position > view.WindowTokens && position < firstAsked && position % learnEvery == 0));
        await ReadAsync(model, text[..tokens]);
        return [.. from layer in layers ?? [.. Enumerable.Range(0, model.AttentionShape.Layers)]
                   from head in Enumerable.Range(0, model.AttentionShape.KvHeads)
                   select Cut(recording!, model, view, layer, head, keys, firstAsked)];
    }

    private static async Task ReadAsync(LoadedModel model, int[] tokens)
    {
        EngineOptions options = new() { DefaultPolicy = "auto", KvBudgetBytes = 2L << 30 };
        await using InferenceEngine engine = new(model, options, TimeProvider.System, NullLogger<InferenceEngine>.Instance);
        await using EngineSequence sequence = engine.Open(new SequenceOptions());
        await foreach (EngineEvent _ in engine.RunAsync(sequence, new EngineTurn { Input = tokens }))
        {
        }
    }

    private static RecordedHead Cut(RecordingBackend recording, LoadedModel model, BlocksOptions view, int layer, int head, int keys, int firstAsked)
    {
        AttentionShape shape = model.AttentionShape;
        int headDim = shape.HeadDim, distance = view.Distance ?? view.WindowTokens;
        float[] distant = new float[keys * headDim];
        for (int key = 0; key < keys; key++)
            Key(recording, shape, layer, head, view.SinkTokens + key).CopyTo(distant.AsSpan(key * headDim));
        List<float> learned = [], asked = [], near = [];
        float[] row = new float[headDim];
        foreach ((int position, float[] queries) in recording.Queries[layer].OrderBy(entry => entry.Key))
        {
            for (int member = 0; member < shape.GroupSize; member++)
            {
                ReadOnlySpan<float> query = queries.AsSpan(((head * shape.GroupSize) + member) * headDim, headDim);
                Rotate(model.Rope, query, distance, row);
                (position >= firstAsked ? asked : learned).AddRange(row);
                if (position >= firstAsked)
                    near.Add(NearMass(recording, model, view, layer, head, position, query, row));
            }
        }
        return new(layer, head, distant, [.. learned], [.. asked], [.. near]);
    }

    private static ReadOnlySpan<float> Key(RecordingBackend recording, AttentionShape shape, int layer, int head, int position)
        => recording.Keys[layer].AsSpan(((position * shape.KvHeads) + head) * shape.HeadDim, shape.HeadDim);

    // Scaled by 1/sqrt(headDim); the scale that an un-roped key would carry (yarn) is folded in.
    private static void Rotate(RotaryEmbedding rope, ReadOnlySpan<float> query, long position, Span<float> result)
    {
        Span<float> cos = stackalloc float[query.Length / 2], sin = stackalloc float[query.Length / 2];
        rope.Fill(position, cos, sin);
        query.CopyTo(result);
        RotaryEmbedding.Rotate(result, cos, sin);
        float scale = rope.AttentionScale / MathF.Sqrt(query.Length);
        for (int i = 0; i < result.Length; i++)
            result[i] *= scale;
    }

    // Relative positions are all that counts, so the window's keys are left alone and the query is turned by each distance.
    private static float NearMass(RecordingBackend recording, LoadedModel model, BlocksOptions view, int layer, int head, int position, ReadOnlySpan<float> query, ReadOnlySpan<float> atDistance)
    {
        List<double> scores = [];
        float[] turned = new float[query.Length];
        for (int sink = 0; sink < view.SinkTokens; sink++)
            scores.Add(System.Numerics.Tensors.TensorPrimitives.Dot(atDistance, Key(recording, model.AttentionShape, layer, head, sink)));
        for (int key = position - view.WindowTokens + 1; key <= position; key++)
        {
            Rotate(model.Rope, query, position - key, turned);
            scores.Add(System.Numerics.Tensors.TensorPrimitives.Dot(turned, Key(recording, model.AttentionShape, layer, head, key)));
        }
        double largest = scores.Max();
        return (float)(largest + Math.Log(scores.Sum(score => Math.Exp(score - largest))));
    }
}
