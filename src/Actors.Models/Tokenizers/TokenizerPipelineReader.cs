using System.Text.Json;
using System.Text.RegularExpressions;

namespace Actors.Models;

/// <summary>Reads <c>normalizer</c> and <c>pre_tokenizer</c> of a tokenizer file.</summary>
internal sealed class TokenizerPipelineReader
{
    // GPT-2's words: contractions, letters, digits and other signs with one leading space, and runs of whitespace.
    private const string ByteLevelPattern = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";
    private const string SupportedNormalizers = "Supported are NFC, Prepend, Replace and sequences of them.";
    private const string SupportedPreTokenizers = "Supported are ByteLevel, Split, Digits, Metaspace and sequences of them.";
    private static readonly TimeSpan MatchTimeout = TimeSpan.FromSeconds(60);
    private readonly List<ITextNormalizer> _normalizers = [];
    private readonly List<ITextSplitter> _splitters = [];
    private bool _byteLevel;

    public static TokenizerPipeline Read(JsonFields root)
    {
        var reader = new TokenizerPipelineReader();
        if (root.Object("normalizer") is { } normalizer) reader.AddNormalizer(root, normalizer);
        if (root.Object("pre_tokenizer") is { } preTokenizer) reader.AddPreTokenizer(root, preTokenizer);
        return new TokenizerPipeline(reader._normalizers, reader._splitters, reader._byteLevel);
    }

    public static char ReadMark(JsonFields metaspace) => metaspace.OptionalString("replacement") switch
    {
        null => TokenizerReader.SpaceMark,
        { Length: 1 } mark => mark[0],
        var mark => throw metaspace.Refuse($"Metaspace has replacement '{mark}'; one character is expected."),
    };

    public static MetaspacePrefix ReadPrefix(JsonFields metaspace) => metaspace.OptionalString("prepend_scheme") switch
    {
        "never" => MetaspacePrefix.Never,
        "first" => MetaspacePrefix.First,
        "always" => MetaspacePrefix.Always,
        null => metaspace.Bool("add_prefix_space", true) ? MetaspacePrefix.Always : MetaspacePrefix.Never,
        var scheme => throw metaspace.Refuse($"Metaspace has prepend_scheme '{scheme}'. Supported are never, first and always."),
    };

    private void AddNormalizer(JsonFields root, JsonFields fields)
    {
        switch (fields.OptionalString("type"))
        {
            case "Sequence":
                foreach (var item in Items(fields, "normalizers")) AddNormalizer(root, root.Nested(item, "normalizer.normalizers."));
                break;
            case "NFC":
                _normalizers.Add(new ComposingNormalizer());
                break;
            case "Prepend":
                _normalizers.Add(new PrependNormalizer(fields.OptionalString("prepend") ?? throw fields.Missing("prepend")));
                break;
            case "Replace":
                string content = fields.OptionalString("content") ?? throw fields.Missing("content");
                var (literal, regex) = ReadPattern(fields);
                _normalizers.Add(literal is not null ? new ReplaceNormalizer(literal, content) : new RegexNormalizer(regex!, content));
                break;
            case var type:
                throw fields.Refuse($"normalizer '{type}' is not supported. {SupportedNormalizers}");
        }
    }

    private void AddPreTokenizer(JsonFields root, JsonFields fields)
    {
        switch (fields.OptionalString("type"))
        {
            case "Sequence":
                foreach (var item in Items(fields, "pretokenizers")) AddPreTokenizer(root, root.Nested(item, "pre_tokenizer.pretokenizers."));
                break;
            case "ByteLevel":
                AddByteLevel(fields);
                break;
            case "Split":
                AddSplit(fields);
                break;
            case "Digits":
                string digits = fields.Bool("individual_digits", false) ? DigitPatterns.Individual : DigitPatterns.Runs;
                _splitters.Add(new RegexSplitter(CreateRegex(fields, digits), SplitBehavior.Isolated, invert: false));
                break;
            case "Metaspace":
                if (_splitters.Count > 0) throw fields.Refuse("Metaspace after another pre-tokenizer is not supported.");
                char mark = ReadMark(fields);
                _normalizers.Add(new MetaspaceNormalizer(mark, ReadPrefix(fields)));
                if (fields.Bool("split", true)) _splitters.Add(new StringSplitter(mark.ToString(), SplitBehavior.MergedWithNext, invert: false));
                break;
            case var type:
                throw fields.Refuse($"pre_tokenizer '{type}' is not supported. {SupportedPreTokenizers}");
        }
    }

    private void AddByteLevel(JsonFields fields)
    {
        _byteLevel = true;
        if (fields.Bool("add_prefix_space", true))
        {
            if (_splitters.Count > 0) throw fields.Refuse("ByteLevel with add_prefix_space after another pre-tokenizer is not supported.");
            _normalizers.Add(new SpacePrefixNormalizer());
        }

        if (fields.Bool("use_regex", true))
            _splitters.Add(new RegexSplitter(CreateRegex(fields, ByteLevelPattern), SplitBehavior.Isolated, invert: false));
    }

    private void AddSplit(JsonFields fields)
    {
        var behavior = fields.OptionalString("behavior")?.ToLowerInvariant() switch
        {
            "isolated" => SplitBehavior.Isolated,
            "removed" => SplitBehavior.Removed,
            "mergedwithprevious" or "merged_with_previous" => SplitBehavior.MergedWithPrevious,
            "mergedwithnext" or "merged_with_next" => SplitBehavior.MergedWithNext,
            var name => throw fields.Refuse(
                $"Split has behavior '{name}'. Supported are Isolated, Removed, MergedWithPrevious and MergedWithNext."),
        };
        bool invert = fields.Bool("invert", false);
        var (literal, regex) = ReadPattern(fields);
        _splitters.Add(literal is not null ? new StringSplitter(literal, behavior, invert) : new RegexSplitter(regex!, behavior, invert));
    }

    private static (string? Literal, Regex? Regex) ReadPattern(JsonFields fields)
    {
        var pattern = fields.Object("pattern") ?? throw fields.Missing("pattern");
        if (pattern.OptionalString("String") is { Length: > 0 } literal) return (literal, null);
        return (null, CreateRegex(fields, pattern.OptionalString("Regex") ?? throw fields.Missing("pattern.Regex")));
    }

    private static Regex CreateRegex(JsonFields fields, string pattern)
    {
        try
        {
            return new Regex(pattern, RegexOptions.Compiled | RegexOptions.CultureInvariant, MatchTimeout);
        }
        catch (ArgumentException e)
        {
            throw fields.Refuse($"pattern '{pattern}' cannot be used ({e.Message}).");
        }
    }

    private static JsonElement.ArrayEnumerator Items(JsonFields fields, string name) =>
        fields.TryGet(name, out var list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray() : throw fields.Missing(name);
}
