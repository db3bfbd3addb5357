namespace Actors.Models;

/// <summary>Llama 2: one begin and end token around each exchange; the system text stands inside the first instruction.</summary>
internal sealed class Llama2Format : ChatFormat
{
    private const string Begin = "<s>", End = "</s>";

    public override string Name => "llama2";

    public override IReadOnlyList<string> RequiredTokens => [Begin, End];

    public override IReadOnlyList<string> StopTokens => [End];

    public override string AssistantSuffix => $" {End}";

    public override bool Recognizes(string template) => template.Contains("<<SYS>>", StringComparison.Ordinal);

    public override TextSegment[] Segments(ChatMessage message, string? previousRole)
    {
        string content = message.Content.Trim();
        return message.Role switch
        {
            "system" => [Marker($"{Begin}[INST] <<SYS>>\n"), Plain(message.Content), Marker("\n<</SYS>>\n\n")],
            "user" when previousRole is "system" => [Plain(content), Marker(" [/INST]")],
            "user" => [Marker($"{Begin}[INST] "), Plain(content), Marker(" [/INST]")],
            "assistant" => [Plain($" {content}"), Marker($" {End}")],
            _ => throw UnknownRole(message),
        };
    }
}
