using System.Text;

namespace Actors.Models;

/// <summary>
/// Turns messages into the text and tokens that a chat model was trained on, one message at a time, so that a conversation only ever
/// grows at its end. No template language is interpreted: the checkpoint's template decides which of the built-in formats is used. Text
/// of a message never becomes a special token. Immutable and thread-safe.
/// </summary>
public sealed class ChatTemplate
{
    private const int MaxRoleLength = 32;
    private readonly ChatFormat _format;

    private ChatTemplate(ChatFormat format, string opening, IReadOnlyList<int> stopTokens)
    {
        _format = format;
        Opening = opening;
        StopTokens = stopTokens;
    }

    /// <summary>Names that can be chosen: chatml, llama3, llama2, mistral, plain.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. ChatFormat.All.Select(format => format.Name)];

    /// <summary>Name of the format.</summary>
    public string Name => _format.Name;

    /// <summary>Text that begins a conversation, once; often a begin-of-sequence token, may be empty.</summary>
    public string Opening { get; }

    /// <summary>Text that opens an answer of the assistant; may be empty.</summary>
    public string AssistantPrefix => _format.AssistantPrefix;

    /// <summary>Text that closes an answer. It includes the end token, whether or not the model produced it.</summary>
    public string AssistantSuffix => _format.AssistantSuffix;

    /// <summary>Tokens that end an answer: those of the format and the end-of-sequence tokens of the configuration.</summary>
    public IReadOnlyList<int> StopTokens { get; }

    /// <summary>Chooses the format of a checkpoint.</summary>
    /// <param name="checkpoint">Its chat template, special tokens and family decide, in this order.</param>
    /// <param name="tokenizer">Tokenizer of the checkpoint.</param>
    /// <param name="overrideName">One of <see cref="Names"/>; null to choose by the checkpoint.</param>
    /// <exception cref="ArgumentException">The name is unknown.</exception>
    /// <exception cref="CheckpointException">The template is of no known format, or the tokenizer lacks tokens that the format needs.</exception>
    public static ChatTemplate Load(Checkpoint checkpoint, ITokenizer tokenizer, string? overrideName = null)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        ArgumentNullException.ThrowIfNull(tokenizer);
        string? template = ChatTemplateFile.Read(checkpoint.Directory);
        var format = overrideName is null ? Detect(checkpoint, tokenizer, template) : Find(overrideName);
        if (template is not null && format.Recognizes(template)) format = format.For(template);
        var missing = format.RequiredTokens.Where(token => !tokenizer.TryGetToken(token, out int id) || !tokenizer.IsSpecial(id)).ToArray();
        if (missing.Length > 0)
            throw new CheckpointException(checkpoint.Directory, $"chat template '{format.Name}' needs the special tokens {string.Join(", ", missing)}, which tokenizer.json does not have. Choose another of {string.Join(", ", Names)}.");
        var stops = checkpoint.Config.EosTokens.ToList();
        foreach (string text in format.StopTokens)
        {
            if (tokenizer.TryGetToken(text, out int id) && !stops.Contains(id)) stops.Add(id);
        }

        return new ChatTemplate(format, FindOpening(checkpoint, tokenizer, format, template), stops);
    }

    /// <summary>The text that one message adds to the end of a conversation.</summary>
    /// <param name="message">The new message.</param>
    /// <param name="previousRole">Role of the message before it; null when it is the first.</param>
    /// <exception cref="ArgumentException">The role is not a plain word, or the format does not know it.</exception>
    public string Render(ChatMessage message, string? previousRole = null) =>
        string.Concat(Segments(message, previousRole).Select(segment => segment.Text));

    /// <summary>Tokens of <see cref="Opening"/>.</summary>
    /// <param name="tokenizer">Tokenizer of the checkpoint.</param>
    public int[] EncodeOpening(ITokenizer tokenizer) => tokenizer.Encode(Opening, parseSpecialTokens: true);

    /// <summary>Tokens that one message adds; its role and content are encoded as plain text.</summary>
    /// <param name="tokenizer">Tokenizer of the checkpoint.</param>
    /// <param name="message">The new message.</param>
    /// <param name="previousRole">Role of the message before it; null when it is the first.</param>
    /// <exception cref="ArgumentException">The role is not a plain word, or the format does not know it.</exception>
    public int[] EncodeMessage(ITokenizer tokenizer, ChatMessage message, string? previousRole = null)
    {
        bool continues = message.Role == "assistant" || (message.Role == "user" && previousRole == "system");
        var start = continues ? SegmentStart.AfterText
            : previousRole is null && Opening.Length == 0 ? SegmentStart.BeginsText : SegmentStart.AfterSpecialToken;
        return tokenizer.Encode(Segments(message, previousRole), start);
    }

    /// <summary>Tokens of <see cref="AssistantPrefix"/>.</summary>
    /// <param name="tokenizer">Tokenizer of the checkpoint.</param>
    public int[] EncodeAssistantPrefix(ITokenizer tokenizer) =>
        tokenizer.Encode([new TextSegment(AssistantPrefix, true)], SegmentStart.AfterText);

    /// <summary>Tokens of <see cref="AssistantSuffix"/>.</summary>
    /// <param name="tokenizer">Tokenizer of the checkpoint.</param>
    public int[] EncodeAssistantSuffix(ITokenizer tokenizer) =>
        tokenizer.Encode([new TextSegment(AssistantSuffix, true)], SegmentStart.AfterText);

    private TextSegment[] Segments(ChatMessage message, string? previousRole)
    {
        ArgumentNullException.ThrowIfNull(message);
        bool plain = message.Role is { Length: > 0 and <= MaxRoleLength } && message.Role.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-');
        if (!plain)
            throw new ArgumentException($"A role must be 1 to {MaxRoleLength} ASCII letters, digits, '-' or '_', such as user.", nameof(message));
        ArgumentNullException.ThrowIfNull(message.Content, nameof(message));
        return _format.Segments(message, previousRole);
    }

    private static ChatFormat Find(string name) =>
        ChatFormat.All.FirstOrDefault(format => format.Name == name)
        ?? throw new ArgumentException($"Chat template '{name}' is unknown. Choose one of {string.Join(", ", Names)}.", nameof(name));

    private static ChatFormat Detect(Checkpoint checkpoint, ITokenizer tokenizer, string? template)
    {
        if (template is not null)
        {
            return ChatFormat.All.FirstOrDefault(format => format.Recognizes(template)) ?? throw new CheckpointException(
                checkpoint.Directory, $"the chat template is of none of the formats {string.Join(", ", Names)}. Choose one of them by name.");
        }

        // Base models: a format whose markers the vocabulary has, else none. <s> alone says nothing about a chat format.
        return ChatFormat.All.FirstOrDefault(format => format is ChatMlFormat or Llama3Format
            && format.RequiredTokens.All(token => tokenizer.TryGetToken(token, out _))) ?? Find("plain");
    }

    private static string FindOpening(Checkpoint checkpoint, ITokenizer tokenizer, ChatFormat format, string? template)
    {
        if (format.OpeningToken is { } opening) return tokenizer.TryGetToken(opening, out _) ? opening : "";
        if (checkpoint.Config.BosToken is not { } bos || !tokenizer.IsSpecial(bos)) return "";
        // Base models of the Qwen kind name their end token here, with which no text of theirs began.
        bool wanted = format is PlainFormat
            ? !checkpoint.Config.EosTokens.Contains(bos)
            : format is ChatMlFormat && template?.Contains("bos_token", StringComparison.Ordinal) == true;
        return wanted ? Encoding.UTF8.GetString(tokenizer.Bytes(bos)) : "";
    }
}
