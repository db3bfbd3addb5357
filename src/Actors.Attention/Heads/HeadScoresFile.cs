using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Actors.Attention;

/// <summary>
/// Head scores as JSON: <c>format</c>, <c>version</c>, <c>model</c> (fingerprint), <c>command</c>, <c>layers</c>, <c>queryHeads</c>, <c>kvHeads</c>,
/// <c>headDim</c>, and under <c>scores</c> by kind <c>queryHeads</c> [layers][queryHeads] and <c>kvHeads</c> [layers][kvHeads].
/// </summary>
public static class HeadScoresFile
{
    /// <summary>Its name in a model directory.</summary>
    public const string Name = "heads.json";

    private const string Format = "actors-heads";
    private const int Version = 1, MaxBytes = 16 << 20, MaxDimension = 4096, Digits = 5;
    private const string Advice = "Run 'actors heads' for this model.";

    /// <summary>Writes scores, rounded to five digits. The file appears at once or not at all.</summary>
    /// <param name="path">Where.</param>
    /// <param name="scores">Scores.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, HeadScores scores)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(scores);
        string temporary = path + ".tmp";
        File.WriteAllText(temporary, Text(scores));
        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>Reads the scores in a model's directory and checks that they are that model's.</summary>
    /// <param name="environment">Directory, shape and fingerprint of the model.</param>
    /// <exception cref="HeadScoresException">There is no such file, or it is damaged, out of range, of another version or of another model.</exception>
    public static HeadScores Read(PolicyEnvironment environment)
    {
        ArgumentNullException.ThrowIfNull(environment);
        if (environment is not { ModelDirectory: { } directory, Shape: { } shape, ModelFingerprint.Length: > 0 })
            throw new HeadScoresException($"Head scores belong to a model, and nothing is known of this one but its trained window, {environment.TrainedWindow} tokens. Give its directory, shape and fingerprint.");
        HeadScores scores = Parse(Load(Path.Combine(directory, Name)));
        if (scores.Model != environment.ModelFingerprint)
            throw new HeadScoresException($"{Name} was made for another model, {Short(scores.Model)}; this one is {Short(environment.ModelFingerprint)}. {Advice}");
        if (scores.Shape != shape)
            throw new HeadScoresException($"{Name} is of a model with {scores.Shape}; this one has {shape}. {Advice}");
        return scores;
    }

    internal static string Text(HeadScores scores)
    {
        StringBuilder text = new();
        AttentionShape shape = scores.Shape;
        text.Append(CultureInfo.InvariantCulture, $$"""
            {
             "format": "{{Format}}",
             "version": {{Version}},
             "model": {{JsonSerializer.Serialize(scores.Model)}},
             "command": {{JsonSerializer.Serialize(scores.Command)}},
             "layers": {{shape.Layers}}, "queryHeads": {{shape.QueryHeads}}, "kvHeads": {{shape.KvHeads}}, "headDim": {{shape.HeadDim}},
             "scores": {

            """);
        HeadScores rounded = scores with { QueryHeads = scores.QueryHeads.ToDictionary(pair => pair.Key, pair => (IReadOnlyList<float>)[.. pair.Value.Select(value => MathF.Round(value, Digits))]) };
        text.AppendJoin(",\n", rounded.QueryHeads.OrderBy(pair => pair.Key).Select(pair =>
            $"  \"{Word(pair.Key)}\": {{\n   \"queryHeads\": {Rows(pair.Value, shape.QueryHeads)},\n   \"kvHeads\": {Rows(rounded.KvHeads(pair.Key), shape.KvHeads)}\n  }}"));
        return text.Append("\n }\n}\n").ToString();
    }

    private static string Rows(IReadOnlyList<float> values, int columns)
        => "[" + string.Join(", ", values.Chunk(columns).Select(row => "[" + string.Join(", ", row.Select(value => value.ToString("0.#####", CultureInfo.InvariantCulture))) + "]")) + "]";

    private static byte[] Load(string path)
    {
        try
        {
            FileInfo file = new(path);
            if (file.Length > MaxBytes)
                throw new HeadScoresException($"{Name} has {file.Length} bytes; at most {MaxBytes} are read. {Advice}");
            return File.ReadAllBytes(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            string cause = exception is FileNotFoundException or DirectoryNotFoundException ? "is missing" : "cannot be read";
            throw new HeadScoresException($"{Name} {cause} in the directory of the model. {Advice}", exception);
        }
    }

    private static HeadScores Parse(byte[] bytes)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(bytes);
            JsonElement root = document.RootElement;
            if (root.GetProperty("format").GetString() != Format || root.GetProperty("version").GetInt32() != Version)
                throw new HeadScoresException($"{Name} is no '{Format}' of version {Version}. {Advice}");
            AttentionShape shape = new(Dimension(root, "layers"), Dimension(root, "queryHeads"), Dimension(root, "kvHeads"), Dimension(root, "headDim"));
            if (shape.QueryHeads % shape.KvHeads != 0)
                throw new HeadScoresException($"{Name} has {shape.QueryHeads} query heads, which {shape.KvHeads} KV heads cannot share evenly. {Advice}");
            Dictionary<HeadScoreKind, IReadOnlyList<float>> kinds = [];
            foreach (HeadScoreKind kind in Enum.GetValues<HeadScoreKind>())
            {
                if (root.GetProperty("scores").TryGetProperty(Word(kind), out JsonElement element))
                    kinds.Add(kind, Table(element.GetProperty("queryHeads"), shape.Layers, shape.QueryHeads));
                else if (kind != HeadScoreKind.Retrieval)
                    throw new HeadScoresException($"{Name} has no scores '{Word(kind)}'. {Advice}");
            }
            HeadScores scores = new() { Model = root.GetProperty("model").GetString() ?? "", Shape = shape, Command = root.GetProperty("command").GetString() ?? "", QueryHeads = kinds };
            foreach (HeadScoreKind kind in kinds.Keys)
                CheckKvHeads(kind, Table(root.GetProperty("scores").GetProperty(Word(kind)).GetProperty("kvHeads"), shape.Layers, shape.KvHeads), scores.KvHeads(kind));
            return scores;
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new HeadScoresException($"{Name} is damaged: {exception.Message} {Advice}", exception);
        }
    }

    private static void CheckKvHeads(HeadScoreKind kind, float[] stored, float[] derived)
    {
        for (int i = 0; i < stored.Length; i++)
        {
            if (MathF.Abs(stored[i] - derived[i]) > 2e-5f)
                throw new HeadScoresException($"{Name} contradicts itself: the score '{Word(kind)}' of KV head {i} is {stored[i]}, its query heads give {derived[i]}. {Advice}");
        }
    }

    private static int Dimension(JsonElement root, string name)
    {
        int value = root.GetProperty(name).GetInt32();
        return value is >= 1 and <= MaxDimension ? value : throw new HeadScoresException($"{Name} has {name} {value}; it must be 1 to {MaxDimension}. {Advice}");
    }

    private static float[] Table(JsonElement rows, int count, int columns)
    {
        if (rows.GetArrayLength() != count || rows.EnumerateArray().Any(row => row.GetArrayLength() != columns))
            throw new HeadScoresException($"{Name} has a table that is not {count} layers of {columns} heads. {Advice}");
        float[] values = [.. rows.EnumerateArray().SelectMany(row => row.EnumerateArray()).Select(value => value.GetSingle())];
        foreach (float value in values)
        {
            if (!(value is >= 0 and <= 1))
                throw new HeadScoresException($"{Name} has the score {value}; it must be 0 to 1. {Advice}");
        }
        return values;
    }

    private static string Word(HeadScoreKind kind) => kind.ToString().ToLowerInvariant();

    private static string Short(string fingerprint) => fingerprint.Length <= 12 ? $"'{fingerprint}'" : $"'{fingerprint[..12]}...'";
}
