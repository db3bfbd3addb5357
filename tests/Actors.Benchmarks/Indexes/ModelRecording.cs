using System.Diagnostics;
using Actors.Attention;
using Actors.Engine;
using Actors.Kernels;
using Actors.Models;
using Microsoft.Extensions.Logging.Abstractions;

namespace Actors.Benchmarks.Indexes;

/// <summary>What a model reads a text with: the distant keys and the queries of its heads, and how long a step takes then.</summary>
/// <param name="Model">Name of the checkpoint.</param>
/// <param name="HeadDim">Elements per key.</param>
/// <param name="Heads">Those asked for.</param>
/// <param name="AllHeads">KV heads of all layers.</param>
/// <param name="StepMicroseconds">A decode step after the text, under the policy `auto`.</param>
/// <param name="Threads">Threads of that step.</param>
internal sealed record ModelRecording(string Model, int HeadDim, IReadOnlyList<RecordedHead> Heads, int AllHeads, double StepMicroseconds, int Threads)
{
    private const int AskedTokens = 1024, AskedEvery = 32, LearnedPerHead = 2000, TimedTokens = 256;

    /// <summary>Reads the text under the policy `auto`.</summary>
    /// <exception cref="ArgumentException">The text is too short.</exception>
    public static async Task<ModelRecording> RunAsync(IndexesOptions options)
    {
        LoadedModel loaded = LoadedModel.Open(options.Checkpoint, Environment.ProcessorCount);
        AttentionShape shape = loaded.AttentionShape;
        BlocksOptions view = BlocksOptions.For(loaded.Config.TrainedWindow);
        int tokens = view.SinkTokens + options.Keys + view.WindowTokens + AskedTokens, firstAsked = tokens - AskedTokens;
        int learnEvery = Math.Max(options.Keys * shape.GroupSize / LearnedPerHead, 1);
        int[] text = loaded.Tokenizer.Encode(await File.ReadAllTextAsync(options.Text), parseSpecialTokens: false);
        if (text.Length < tokens)
            throw new ArgumentException($"'{options.Text}' has {text.Length} tokens; {options.Keys} distant keys need {tokens}. Give a longer text or fewer keys.", nameof(options));
        RecordingBackend? recording = null;
        using LoadedModel model = loaded.WithBackend(inner => recording = new(inner, tokens,
            position => position >= firstAsked ? (position - firstAsked) % AskedEvery == AskedEvery - 1 : position > view.WindowTokens && position < firstAsked && position % learnEvery == 0));
        double step = await ReadAsync(model, text[..tokens]);
        RecordedHead[] heads = [.. from layer in options.Layers ?? [.. Enumerable.Range(0, shape.Layers)]
                                   from head in Enumerable.Range(0, shape.KvHeads)
                                   select Cut(recording!, model, view, layer, head, options.Keys, firstAsked)];
        return new(model.Id, shape.HeadDim, heads, shape.Layers * shape.KvHeads, step, model.Pool.Workers);
    }

    // Microseconds of a decode step after the text.
    private static async Task<double> ReadAsync(LoadedModel model, int[] tokens)
    {
        EngineOptions options = new() { DefaultPolicy = "auto", KvBudgetBytes = 2L << 30 };
        await using InferenceEngine engine = new(model, options, TimeProvider.System, NullLogger<InferenceEngine>.Instance);
        await using EngineSequence sequence = engine.Open(new SequenceOptions());
        await foreach (EngineEvent _ in engine.RunAsync(sequence, new EngineTurn { Input = tokens }))
        {
        }
        EngineTurn turn = new() { Input = tokens.AsMemory(0, 1), MaxNewTokens = TimedTokens, IgnoreEnd = true };
        long start = 0, last = 0;
        await foreach (EngineEvent item in engine.RunAsync(sequence, turn))
        {
            last = Stopwatch.GetTimestamp();
            start = item is EngineEvent.Token && start == 0 ? last : start;
        }
        return Stopwatch.GetElapsedTime(start, last).TotalMicroseconds / (TimedTokens - 1);
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
