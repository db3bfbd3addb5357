namespace Actors.Models;

/// <summary>The markers of one family of chat models.</summary>
internal abstract class ChatFormat
{
    public static readonly IReadOnlyList<ChatFormat> All =
        [new ChatMlFormat(), new Llama3Format(), new Llama2Format(), new MistralFormat(), new PlainFormat()];

    public abstract string Name { get; }

    /// <summary>Special tokens without which the format cannot work.</summary>
    public virtual IReadOnlyList<string> RequiredTokens => [];

    /// <summary>Token that stands once before everything, where the tokenizer knows it; null for none.</summary>
    public virtual string? OpeningToken => null;

    /// <summary>Tokens that end an answer.</summary>
    public virtual IReadOnlyList<string> StopTokens => [];

    public virtual string AssistantPrefix => "";

    public virtual string AssistantSuffix => "";

    /// <summary>Whether the chat template of a checkpoint is of this format.</summary>
    public abstract bool Recognizes(string template);

    /// <summary>The format in the variant of a recognized chat template.</summary>
    public virtual ChatFormat For(string template) => this;

    /// <summary>The segments of one message after a message of the given role; null when it is the first.</summary>
    public abstract TextSegment[] Segments(ChatMessage message, string? previousRole);

    protected static TextSegment Marker(string text) => new(text, ParseSpecialTokens: true);

    protected static TextSegment Plain(string text) => new(text, ParseSpecialTokens: false);

    protected ArgumentException UnknownRole(ChatMessage message) =>
        new($"Role '{message.Role}' is not known to chat template '{Name}'. Use system, user or assistant.", nameof(message));
}
