using System.Numerics;
using System.Numerics.Tensors;
using Actors.Attention;
using Actors.Engine;
using Actors.KvCache;

namespace Actors.Server.Evaluation;

/// <summary>
/// Measures how well a text is predicted, by position: every policy gets the same tokens in the same chunks. A bucket ends at each power of two.
/// Not thread-safe.
/// </summary>
/// <param name="engine">Used alone while a run lasts, so that times mean something.</param>
/// <param name="createStore">Makes an empty page store, or null to keep all pages in memory.</param>
/// <param name="plan">What to run; its text is needed.</param>
internal sealed class PerplexityRunner(InferenceEngine engine, Func<IPageStore>? createStore, EvaluationPlan plan)
{
    /// <summary>Tokens of a step unless the plan says otherwise.</summary>
    public const int DefaultChunkTokens = 512;

    private const int FirstBucket = 128;

    private readonly Lazy<int[]> _text = new(() => engine.Model.Tokenizer.Encode(
        plan.Text ?? throw new EvaluationException($"{EvaluationTasks.Perplexity} needs a text. Name a file with prose in --text."), parseSpecialTokens: false));
    private int _contexts;

    /// <summary>Runs one cell.</summary>
    /// <param name="cell">Length, seed and the policy.</param>
    /// <param name="onTokens">Called with the tokens that were computed since the last call.</param>
    /// <param name="cancellationToken">Stops the run.</param>
    /// <exception cref="EvaluationException">There is no text, or it is too short.</exception>
    public async Task<IReadOnlyList<EvaluationRow>> RunAsync(EvaluationCell cell, Action<int> onTokens, CancellationToken cancellationToken)
    {
        var turns = new EngineTurns(engine, onTokens);
        var tally = new LossTally(cell.Length, engine.Model.Config.Shape.VocabularySize);
        double seconds = 0, keysRead = 0;
        SequenceMemory memory = default;
        long indexBytes = 0;
        for (int i = 0; i < plan.Samples; i++)
        {
            ReadOnlyMemory<int> stream = Draw(new SampleSeed(cell.Seed, i).Own(), cell.Length);
            await using EngineSequence sequence = engine.Open(new SequenceOptions
            {
                PolicyName = cell.Policies[0], PageStore = createStore?.Invoke(), TenantSalt = $"perplexity {++_contexts}",
            });
            for (int from = 0; from < stream.Length; from += plan.ChunkTokens)
            {
                var turn = new EngineTurn { Input = stream.Slice(from, Math.Min(plan.ChunkTokens, stream.Length - from)), Logits = LogitRows.All };
                TurnResult read = await turns.RunAsync(sequence, turn, logits => tally.Add(logits, stream.Span), cancellationToken);
                seconds += read.Usage.Prefill.TotalSeconds;
            }
            AttentionShape shape = engine.Model.AttentionShape;
            keysRead += sequence.AttentionReport.KeysRead / (double)(shape.Layers * shape.KvHeads);
            memory = sequence.Memory;
            indexBytes = sequence.IndexBytes;
        }
        double? keysPerStep = plan.ChunkTokens == 1 ? keysRead / plan.Samples : null;
        return
        [
            new EvaluationRow
            {
                Key = plan.Key(cell.Task, cell.Policies[0], cell.Length, cell.Seed, EvaluationRunner.ModelName(engine.Model)),
                Tokens = cell.Length,
                Perplexity = Math.Exp(tally.MeanLoss),
                Losses = tally.Buckets,
                KeysRead = keysPerStep,
                TouchedPercent = 100 * keysPerStep / cell.Length,
                PrefillTokensPerSecond = (long)cell.Length * plan.Samples / Math.Max(1e-9, seconds),
                ResidentBytes = memory.ResidentBytes,
                StoredBytes = memory.StoredBytes,
                IndexBytes = indexBytes,
            },
        ];
    }

    private ReadOnlyMemory<int> Draw(SeededRandom random, int length)
    {
        int[] text = _text.Value;
        if (text.Length < length) throw Haystack.TooShort(text.Length, length);
        return text.AsMemory(random.Next(text.Length - length + 1), length);
    }

    /// <summary>Sums losses by position.</summary>
    private sealed class LossTally(int length, int vocabulary)
    {
        private readonly double[] _sums = new double[BucketOf(length - 1) + 1];
        private readonly int[] _counts = new int[BucketOf(length - 1) + 1];
        private readonly float[] _shifted = new float[vocabulary];

        public double MeanLoss => _sums.Sum() / Math.Max(1, _counts.Sum());

        public IReadOnlyList<LossBucket> Buckets =>
        [
            .. _sums.Select((sum, i) => new LossBucket(
                i == 0 ? 0 : FirstBucket << (i - 1), Math.Min(length, FirstBucket << i), _counts[i], sum / Math.Max(1, _counts[i]))),
        ];

        public void Add(EngineEvent.Logits logits, ReadOnlySpan<int> stream)
        {
            int predicted = logits.Position + 1;
            if (predicted >= stream.Length) return;
            ReadOnlySpan<float> values = logits.Values.Span;
            float largest = TensorPrimitives.Max(values);
            TensorPrimitives.Subtract(values, largest, _shifted);
            TensorPrimitives.Exp<float>(_shifted, _shifted);
            int bucket = BucketOf(predicted);
            _sums[bucket] += Math.Log(TensorPrimitives.Sum<float>(_shifted)) + largest - values[stream[predicted]];
            _counts[bucket]++;
        }

        private static int BucketOf(int position) => position < FirstBucket ? 0 : BitOperations.Log2((uint)(position / FirstBucket)) + 1;
    }
}
