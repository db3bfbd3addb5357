namespace Actors.Models;

/// <summary>Mistral: one begin token, instructions in brackets, an end token after each answer; the system text leads the first instruction.</summary>
internal sealed class MistralFormat : ChatFormat
{
    private const string End = "</s>";

    public override string Name => "mistral";

    public override IReadOnlyList<string> RequiredTokens => [End];

    public override string? OpeningToken => "<s>";

    public override IReadOnlyList<string> StopTokens => [End];

    public override string AssistantSuffix => End;

    public override bool Recognizes(string template) => template.Contains("[INST]", StringComparison.Ordinal);

    public override TextSegment[] Segments(ChatMessage message, string? previousRole) => message.Role switch
    {
        "system" => [Marker("[INST] "), Plain(message.Content), Marker("\n\n")],
        "user" when previousRole is "system" => [Plain(message.Content), Marker(" [/INST]")],
        "user" => [Marker("[INST] "), Plain(message.Content), Marker(" [/INST]")],
        "assistant" => [Plain($" {message.Content.Trim()}"), Marker(End)],
        _ => throw UnknownRole(message),
    };
}
