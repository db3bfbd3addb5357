namespace Actors.Models;

/// <summary>Llama 3: a header with the role, the content without surrounding whitespace, <c>eot_id</c>.</summary>
internal sealed class Llama3Format : ChatFormat
{
    private const string Start = "<|start_header_id|>", End = "<|end_header_id|>", Turn = "<|eot_id|>";

    public override string Name => "llama3";

    public override IReadOnlyList<string> RequiredTokens => [Start, End, Turn];

    public override string? OpeningToken => "<|begin_of_text|>";

    public override IReadOnlyList<string> StopTokens => [Turn, "<|eom_id|>"];

    public override string AssistantPrefix => $"{Start}assistant{End}\n\n";

    public override string AssistantSuffix => Turn;

    public override bool Recognizes(string template) => template.Contains(Start, StringComparison.Ordinal);

    public override TextSegment[] Segments(ChatMessage message, string? previousRole) =>
        [Marker(Start), Plain(message.Role), Marker($"{End}\n\n"), Plain(message.Content.Trim()), Marker(Turn)];
}
