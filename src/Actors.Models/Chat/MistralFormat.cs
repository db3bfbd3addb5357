namespace Actors.Models;

/// <summary>
/// Mistral: one begin token, instructions in brackets, an end token after each answer; the system text leads the first instruction. Releases
/// differ in the spaces beside the brackets, which are taken from the checkpoint's template.
/// </summary>
internal sealed class MistralFormat(string open = "[INST] ", string close = " [/INST]", string answerSpace = " ") : ChatFormat
{
    private const string End = "</s>";

    public override string Name => "mistral";

    public override IReadOnlyList<string> RequiredTokens => [End];

    public override string? OpeningToken => "<s>";

    public override IReadOnlyList<string> StopTokens => [End];

    public override string AssistantSuffix => End;

    public override bool Recognizes(string template) => template.Contains("[INST]", StringComparison.Ordinal);

    public override ChatFormat For(string template)
    {
        bool spaced = template.Contains("[INST] ", StringComparison.Ordinal);
        bool closeSpaced = template.Contains(" [/INST]", StringComparison.Ordinal);
        return new MistralFormat(spaced ? "[INST] " : "[INST]", closeSpaced ? " [/INST]" : "[/INST]", spaced ? " " : "");
    }

    public override TextSegment[] Segments(ChatMessage message, string? previousRole) => message.Role switch
    {
        "system" => [Marker(open), Plain(message.Content), Marker("\n\n")],
        "user" when previousRole is "system" => [Plain(message.Content), Marker(close)],
        "user" => [Marker(open), Plain(message.Content), Marker(close)],
        "assistant" => [Plain($"{answerSpace}{message.Content.Trim()}"), Marker(End)],
        _ => throw UnknownRole(message),
    };
}
