using System.Text;
using System.Text.Json;

namespace Actors.Models;

/// <summary>Reads a Hugging Face <c>tokenizer.json</c>.</summary>
internal static class TokenizerReader
{
    public const char SpaceMark = '\u2581';
    private const long MaxBytes = 256 << 20;
    private const int MaxTokens = 1 << 24;

    public static TokenizerParts Read(string path, int? modelVocabulary)
    {
        var root = JsonFields.Load(path, MaxBytes);
        try
        {
            return Read(root, modelVocabulary);
        }
        catch (InvalidOperationException e)
        {
            // JSON strings may escape lone surrogates, which have no text.
            throw root.Refuse($"holds text that cannot be read ({e.Message}).");
        }
    }

    private static TokenizerParts Read(JsonFields root, int? modelVocabulary)
    {
        var model = root.Object("model") ?? throw root.Missing("model");
        CheckModel(model);
        var vocabulary = ReadVocabulary(model);
        var steps = TokenizerPipelineReader.Read(root);
        int limit = modelVocabulary ?? MaxTokens;
        foreach (var (text, id) in vocabulary)
        {
            if (id >= limit)
                throw root.Refuse($"token '{text}' has id {id}, but the model knows only {limit:N0} tokens. tokenizer.json is of another model.");
        }

        var added = ReadAddedTokens(root, limit);
        var tokens = new Dictionary<string, int>(vocabulary, StringComparer.Ordinal);
        foreach (var token in added) tokens[token.Content] = token.Id;
        if (!steps.ByteLevel && steps.Splitters.Count == 0 && vocabulary.ContainsKey(SpaceMark.ToString())
            && WordSplitter.IsExact(vocabulary.Keys, SpaceMark))
            steps.Splitters.Add(new WordSplitter(SpaceMark));
        var decoder = TokenizerDecoderReader.Read(root, steps.ByteLevel);
        return new TokenizerParts
        {
            AddedTokens = added,
            Normalizers = steps.Normalizers,
            Splitters = steps.Splitters,
            Model = new BpeModel(CreateUnits(model, vocabulary, steps.ByteLevel), ReadMerges(model, vocabulary)),
            Tokens = tokens,
            Bytes = CreateBytes(vocabulary, added, decoder),
            StripsLeadingSpace = decoder.StripsLeadingSpace,
        };
    }

    private static void CheckModel(JsonFields model)
    {
        string? type = model.OptionalString("type");
        if (type is not null and not "BPE" || (type is null && !model.Has("merges")))
            throw model.Refuse($"tokenizer model '{type ?? "without type and merges"}' is not supported. Supported is BPE.");
        if (model.OptionalDouble("dropout", 0, 1) is > 0) throw model.Refuse("model.dropout is set; encoding must not be random. Set it to null.");
        foreach (string affix in (ReadOnlySpan<string>)["continuing_subword_prefix", "end_of_word_suffix"])
        {
            if (!string.IsNullOrEmpty(model.OptionalString(affix))) throw model.Refuse($"model.{affix} is set, which is not supported.");
        }
    }

    private static Dictionary<string, int> ReadVocabulary(JsonFields model)
    {
        var vocab = (model.Object("vocab") ?? throw model.Missing("vocab")).Element;
        var tokens = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var property in vocab.EnumerateObject())
        {
            if (property.Value.ValueKind != JsonValueKind.Number || !property.Value.TryGetInt32(out int id) || id is < 0 or >= MaxTokens)
                throw model.Wrong($"vocab['{property.Name}']", property.Value, $"a token id from 0 to {MaxTokens - 1:N0}");
            tokens[property.Name] = id;
        }

        return tokens.Count > 0 ? tokens : throw model.Refuse("model.vocab is empty.");
    }

    private static List<AddedToken> ReadAddedTokens(JsonFields root, int limit)
    {
        var added = new List<AddedToken>();
        if (!root.TryGet("added_tokens", out var list)) return added;
        if (list.ValueKind != JsonValueKind.Array) throw root.Wrong("added_tokens", list, "a list");
        foreach (var item in list.EnumerateArray())
        {
            var fields = root.Nested(item, "added_tokens.");
            string content = fields.OptionalString("content") ?? throw fields.Missing("content");
            int id = fields.Int("id", 0, MaxTokens - 1);
            if (content.Length == 0 || id >= limit) continue;
            bool special = fields.Bool("special", false) || IsMarker(content);
            added.Add(new AddedToken(
                id, content, special, fields.Bool("lstrip", false), fields.Bool("rstrip", false), fields.Bool("single_word", false)));
        }

        return added;
    }

    // Turn markers must be out of reach for users even where a file forgot to call them special.
    private static bool IsMarker(string content) =>
        (content.StartsWith("<|", StringComparison.Ordinal) && content.EndsWith("|>", StringComparison.Ordinal))
        || content is "<s>" or "</s>" or "[INST]" or "[/INST]";

    private static MergeTable ReadMerges(JsonFields model, Dictionary<string, int> vocabulary)
    {
        if (!model.TryGet("merges", out var list) || list.ValueKind != JsonValueKind.Array) throw model.Refuse("model.merges must be a list.");
        var merges = new MergeTable(list.GetArrayLength());
        int rank = 0;
        foreach (var item in list.EnumerateArray())
        {
            var (left, right) = ReadMerge(model, item, rank);
            if (!vocabulary.TryGetValue(left, out int first) || !vocabulary.TryGetValue(right, out int second)
                || !vocabulary.TryGetValue(left + right, out int merged))
                throw model.Refuse($"merge {rank} ('{left}', '{right}') uses tokens that the vocabulary does not hold.");
            merges.Add(first, second, rank++, merged);
        }

        return merges;
    }

    private static (string Left, string Right) ReadMerge(JsonFields model, JsonElement item, int rank)
    {
        if (item.ValueKind == JsonValueKind.String && item.GetString()!.Split(' ') is [var left, var right]) return (left, right);
        if (item.ValueKind == JsonValueKind.Array && item.GetArrayLength() == 2
            && item[0].ValueKind == JsonValueKind.String && item[1].ValueKind == JsonValueKind.String)
            return (item[0].GetString()!, item[1].GetString()!);
        throw model.Wrong($"merges[{rank}]", item, "two tokens, as \"a b\" or [\"a\", \"b\"]");
    }

    private static BpeVocabulary CreateUnits(JsonFields model, Dictionary<string, int> vocabulary, bool byteLevel)
    {
        int? unknown = model.OptionalString("unk_token") is { } text && vocabulary.TryGetValue(text, out int id) ? id : null;
        int[]? bytes = byteLevel ? new int[256] : null;
        for (int value = 0; bytes is not null && value < 256; value++)
        {
            if (vocabulary.TryGetValue(ByteAlphabet.ToChar((byte)value).ToString(), out bytes[value])) continue;
            bytes[value] = unknown ?? throw model.Refuse($"the vocabulary has no token for byte 0x{value:X2} and no unk_token.");
        }

        int[]? fallback = model.Bool("byte_fallback", false) ? new int[256] : null;
        for (int value = 0; fallback is not null && value < 256; value++)
        {
            if (!vocabulary.TryGetValue($"<0x{value:X2}>", out fallback[value]))
                throw model.Refuse($"byte_fallback is true, but the vocabulary has no token <0x{value:X2}>.");
        }

        if (!byteLevel && fallback is null && unknown is null)
            throw model.Refuse("text outside of the vocabulary cannot be encoded: there are neither ByteLevel, byte_fallback nor unk_token.");
        return new BpeVocabulary(
            vocabulary, bytes, fallback, unknown, model.Bool("fuse_unk", false), model.Bool("ignore_merges", false));
    }

    private static TokenBytes CreateBytes(Dictionary<string, int> vocabulary, List<AddedToken> added, TokenizerDecoder decoder)
    {
        int count = Math.Max(vocabulary.Values.Max(), added.Count == 0 ? 0 : added.Max(token => token.Id)) + 1;
        var bytes = new byte[]?[count];
        foreach (var (text, id) in vocabulary) bytes[id] = decoder.ToBytes(text);
        foreach (var token in added) bytes[token.Id] = Encoding.UTF8.GetBytes(token.Content);
        return new TokenBytes(bytes);
    }
}
