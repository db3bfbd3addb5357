namespace Actors.Models;

/// <summary>No markers: messages are lines of one text that the model continues. For base models.</summary>
internal sealed class PlainFormat : ChatFormat
{
    public override string Name => "plain";

    public override string AssistantSuffix => "\n";

    public override bool Recognizes(string template) => false;

    public override TextSegment[] Segments(ChatMessage message, string? previousRole) => [Plain($"{message.Content}\n")];
}
