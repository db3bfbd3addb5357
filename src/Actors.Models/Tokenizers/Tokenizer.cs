using System.Buffers;
using System.Text;

namespace Actors.Models;

/// <summary>
/// Byte-pair tokenizer of a <c>tokenizer.json</c>: added tokens are found first, then the text between them is normalized, split and merged.
/// Immutable but for a bounded cache; safe for concurrent use.
/// </summary>
public sealed class Tokenizer : ITokenizer
{
    private readonly TokenizerParts _parts;
    private readonly AddedTokenMatcher _special;
    private readonly AddedTokenMatcher _ordinary;
    private readonly HashSet<int> _specialIds;

    internal Tokenizer(TokenizerParts parts)
    {
        _parts = parts;
        _special = new AddedTokenMatcher(parts.AddedTokens.Where(token => token.Special));
        _ordinary = new AddedTokenMatcher(parts.AddedTokens.Where(token => !token.Special));
        _specialIds = [.. parts.AddedTokens.Where(token => token.Special).Select(token => token.Id)];
    }

    /// <inheritdoc/>
    public int VocabularySize => _parts.Bytes.Count;

    /// <summary>Reads the tokenizer of a checkpoint.</summary>
    /// <param name="checkpoint">Directory with tokenizer.json.</param>
    /// <exception cref="CheckpointException">The file is missing, damaged, of an unsupported kind, or has more tokens than the model.</exception>
    public static Tokenizer Load(Checkpoint checkpoint)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        string path = Path.Combine(checkpoint.Directory, "tokenizer.json");
        if (!File.Exists(path) && File.Exists(Path.Combine(checkpoint.Directory, "tokenizer.model")))
            throw new CheckpointException(path, "does not exist, and the tokenizer.model beside it is not read. Save the tokenizer in the fast format of Hugging Face.");
        return Load(path, checkpoint.Config.Shape.VocabularySize);
    }

    /// <summary>Reads a tokenizer file.</summary>
    /// <param name="path">Path of a tokenizer.json.</param>
    /// <param name="modelVocabulary">
    /// Tokens that the model knows; null for any. Added tokens beyond it are left out, ordinary ones beyond it are an error.
    /// </param>
    /// <exception cref="CheckpointException">The file is missing, damaged or of an unsupported kind.</exception>
    public static Tokenizer Load(string path, int? modelVocabulary = null) => new(TokenizerReader.Read(path, modelVocabulary));

    /// <inheritdoc/>
    public int[] Encode(string text, bool parseSpecialTokens)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Encode([new TextSegment(text, parseSpecialTokens)], SegmentStart.BeginsText);
    }

    /// <inheritdoc/>
    public int[] Encode(ReadOnlySpan<TextSegment> segments, SegmentStart start)
    {
        var output = new List<int>();
        var run = new StringBuilder();
        bool stripNext = false;
        foreach (var segment in segments)
        {
            string text = WellFormed(segment.Text);
            int from = 0;
            while (segment.ParseSpecialTokens && _special.TryFind(text, from, out int found, out var token))
            {
                Append(text.AsSpan(from, found - from));
                if (token.LeftStrip) TrimEnd(run);
                EncodeRun(run.ToString(), start, output);
                run.Clear();
                output.Add(token.Id);
                start = SegmentStart.AfterSpecialToken;
                stripNext = token.RightStrip;
                from = found + token.Content.Length;
            }

            Append(text.AsSpan(from));
        }

        EncodeRun(run.ToString(), start, output);
        return [.. output];

        void Append(ReadOnlySpan<char> text)
        {
            if (stripNext) text = text.TrimStart();
            stripNext &= text.IsEmpty;
            run.Append(text);
        }
    }

    /// <inheritdoc/>
    public string Decode(ReadOnlySpan<int> tokens, bool skipSpecialTokens)
    {
        var bytes = new ArrayBufferWriter<byte>();
        foreach (int token in tokens)
        {
            if (!skipSpecialTokens || !IsSpecial(token)) bytes.Write(Bytes(token));
        }

        var written = bytes.WrittenSpan;
        if (_parts.StripsLeadingSpace && !written.IsEmpty && written[0] == ' ') written = written[1..];
        return Encoding.UTF8.GetString(written);
    }

    /// <inheritdoc/>
    public StreamingDecoder CreateDecoder(bool skipSpecialTokens = true) => new(this, skipSpecialTokens, _parts.StripsLeadingSpace);

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Bytes(int token) => _parts.Bytes[token];

    /// <inheritdoc/>
    public bool IsSpecial(int token) => _specialIds.Contains(token);

    /// <inheritdoc/>
    public bool TryGetToken(string text, out int token) => _parts.Tokens.TryGetValue(text, out token);

    private void EncodeRun(string text, SegmentStart start, List<int> output)
    {
        bool strip = false;
        for (int from = 0; from < text.Length;)
        {
            bool matched = _ordinary.TryFind(text, from, out int found, out var token);
            var section = text.AsSpan(from, (matched ? found : text.Length) - from);
            if (strip) section = section.TrimStart();
            if (token is { LeftStrip: true }) section = section.TrimEnd();
            if (!section.IsEmpty) EncodeSection(section.ToString(), start, output);
            if (token is null) return;
            output.Add(token.Id);
            start = SegmentStart.AfterSpecialToken;
            strip = token.RightStrip;
            from = found + token.Content.Length;
        }
    }

    private void EncodeSection(string text, SegmentStart start, List<int> output)
    {
        foreach (var normalizer in _parts.Normalizers) text = normalizer.Normalize(text, start);
        if (text.Length == 0) return;
        List<TextRange> pieces = [new TextRange(0, text.Length)], cut = [];
        foreach (var splitter in _parts.Splitters)
        {
            cut.Clear();
            foreach (var piece in pieces) splitter.Split(text, piece, cut);
            (pieces, cut) = (cut, pieces);
        }

        foreach (var piece in pieces) _parts.Model.Encode(text.AsSpan(piece.Start, piece.Length), output);
    }

    private static void TrimEnd(StringBuilder text)
    {
        while (text.Length > 0 && char.IsWhiteSpace(text[^1])) text.Length--;
    }

    // UTF-8 has no lone surrogates.
    private static string WellFormed(string text)
    {
        int from = text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF');
        if (from < 0) return text;
        char[]? changed = null;
        while (from < text.Length)
        {
            bool valid = Rune.DecodeFromUtf16(text.AsSpan(from), out _, out int units) == OperationStatus.Done;
            if (!valid) (changed ??= text.ToCharArray()).AsSpan(from, units).Fill('\uFFFD');
            from += units;
        }

        return changed is null ? text : new string(changed);
    }
}
