using System.Globalization;
using System.Numerics.Tensors;
using Actors.Attention;
using Actors.Engine;
using Actors.Models;
using Actors.Server.Evaluation;

namespace Actors.Server.Heads;

/// <summary>
/// Measures what kind of head each head of a model is: whole sequences through the model with plain attention, no pages and no policy. One thread at a time.
/// </summary>
/// <param name="model">The model.</param>
internal sealed class HeadDetection(LoadedModel model)
{
    private const int Repeats = 4, LongestPeriod = 2500, TextPasses = 8, LongestTokenCharacters = 64;
    private const double RightAnswer = 0.5;
    private readonly HeadDetector _detector = new(model.AttentionShape, model.Rope, model.Config.TrainedWindow);

    /// <summary>Random tokens of one copy: the paper's 2,500, or what lets four copies and the token that begins a sequence fit into the trained window.</summary>
    public int Period { get; } = Math.Max(2, Math.Min(Math.Min(LongestPeriod, (model.Config.TrainedWindow - 1) / Repeats), model.Config.Shape.VocabularySize / 2));

    /// <summary>Whether questions can be asked, which needs a tokenizer.</summary>
    public bool CanAsk => model.HasTokenizer;

    /// <summary>Watches random tokens, told four times.</summary>
    /// <param name="random">Where chance comes from.</param>
    /// <param name="means">Whether mean queries and keys are taken of them.</param>
    public void WatchRepetition(SeededRandom random, bool means)
    {
        int[] copy = RandomTokens(random, Period);
        int[] begin = model.Config.BosToken is { } token ? [token] : [];
        Run([.. begin, .. Enumerable.Repeat(copy, Repeats).SelectMany(tokens => tokens)], new() { Period = Period, FirstRepeated = begin.Length, Means = means });
    }

    /// <summary>Watches a text for the mean queries and keys.</summary>
    /// <param name="text">Prose; its first eight trained windows are read.</param>
    /// <exception cref="EvaluationException">The text is empty.</exception>
    public void WatchText(string text)
    {
        int characters = (int)Math.Min(text.Length, (long)TextPasses * model.Config.TrainedWindow * LongestTokenCharacters);
        int[][] parts = [.. Encode(text[..characters]).Chunk(model.Config.TrainedWindow).Take(TextPasses)];
        if (parts.Length == 0)
            throw new EvaluationException("The text for --text is empty. Name a file with prose.");
        foreach (int[] part in parts)
            Run(part, HeadWatch.Text);
    }

    /// <summary>Watches the answer to a question for a number hidden in repeated sentences, if the model gives it.</summary>
    /// <param name="random">Where chance comes from.</param>
    /// <returns>Whether at least half of the answer's tokens were right, and so were counted.</returns>
    public bool TryWatchAnswer(SeededRandom random)
    {
        string key = random.Next(10_000, 100_000).ToString(CultureInfo.InvariantCulture), told = $"The pass key is {key}. Remember it. {key} is the pass key.";
        int[] noise = Encode(Haystack.NoiseUnit + "\n");
        int units = random.Next(model.Config.TrainedWindow / 2, model.Config.TrainedWindow * 7 / 8) / noise.Length, before = random.Next(units + 1);
        string context = string.Join('\n', [.. Enumerable.Repeat(Haystack.NoiseUnit, before), told, .. Enumerable.Repeat(Haystack.NoiseUnit, units - before), "What is the pass key?"]);
        int[] prompt =
        [
            .. model.ChatTemplate.EncodeOpening(model.Tokenizer), .. model.ChatTemplate.EncodeMessage(model.Tokenizer, new ChatMessage("user", context)),
            .. model.ChatTemplate.EncodeAssistantPrefix(model.Tokenizer), .. Encode("The pass key is"),
        ];
        int[] answer = Encode(" " + key), tokens = [.. prompt, .. answer];
        int[] starts = [.. Enumerable.Range(0, prompt.Length).Where(start => prompt.AsSpan(start).StartsWith(answer))];
        if (starts.Length == 0 || tokens.Length > model.Config.TrainedWindow || RightTokens(tokens, prompt.Length) < RightAnswer * answer.Length)
            return false;
        Run(tokens, new() { Answer = answer, AnswerStart = prompt.Length, Told = starts });
        return true;
    }

    /// <summary>The scores.</summary>
    /// <param name="command">What was run.</param>
    public HeadScores Finish(string command) => _detector.Finish(model.Fingerprint, command);

    private int[] Encode(string text) => model.Tokenizer.Encode(text, parseSpecialTokens: false);

    private int[] RandomTokens(SeededRandom random, int count)
    {
        HashSet<int> drawn = [];
        while (drawn.Count < count)
        {
            int token = random.Next(model.Config.Shape.VocabularySize);
            if (!model.HasTokenizer || !model.Tokenizer.IsSpecial(token))
                drawn.Add(token); // each at most once, so that copies are the only equal tokens
        }
        return [.. drawn];
    }

    // How many of the tokens from one on the model itself would have chosen.
    private int RightTokens(int[] tokens, int first)
    {
        int vocabulary = model.Config.Shape.VocabularySize, hiddenSize = model.Config.Shape.HiddenSize, rows = tokens.Length - first, right = 0;
        float[] hidden = Run(tokens, HeadWatch.Nothing), logits = new float[rows * vocabulary];
        model.Backend.Head(rows, hidden.AsSpan((first - 1) * hiddenSize), logits);
        for (int i = 0; i < rows; i++)
            right += TensorPrimitives.IndexOfMax<float>(logits.AsSpan(i * vocabulary, vocabulary)) == tokens[first + i] ? 1 : 0;
        return right;
    }

    private float[] Run(int[] tokens, HeadWatch watch)
    {
        ModelShape shape = model.Config.Shape;
        int rows = tokens.Length;
        float[] hidden = new float[rows * shape.HiddenSize], queries = new float[rows * shape.QueryHeads * shape.HeadDim], attended = new float[queries.Length];
        float[] keys = new float[rows * shape.KvHeads * shape.HeadDim], values = new float[keys.Length];
        model.Backend.Embed(tokens, hidden);
        for (int layer = 0; layer < shape.Layers; layer++)
        {
            model.Backend.Pre(layer, rows, hidden, queries, keys, values);
            _detector.Attend(layer, rows, queries, keys, values, attended, watch);
            model.Backend.Post(layer, rows, attended, hidden);
        }
        return hidden;
    }
}
