namespace Actors.Models;

/// <summary>ChatML: every message between <c>im_start</c> and <c>im_end</c>.</summary>
internal sealed class ChatMlFormat : ChatFormat
{
    private const string Start = "<|im_start|>", End = "<|im_end|>";

    public override string Name => "chatml";

    public override IReadOnlyList<string> RequiredTokens => [Start, End];

    public override IReadOnlyList<string> StopTokens => [End];

    public override string AssistantPrefix => $"{Start}assistant\n";

    public override string AssistantSuffix => $"{End}\n";

    public override bool Recognizes(string template) => template.Contains(Start, StringComparison.Ordinal);

    public override TextSegment[] Segments(ChatMessage message, string? previousRole) =>
        [Marker(Start), Plain($"{message.Role}\n{message.Content}"), Marker($"{End}\n")];
}
