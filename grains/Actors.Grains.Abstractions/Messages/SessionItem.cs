using Orleans;

namespace Actors.Grains.Abstractions;

/// <summary>One message of a conversation.</summary>
[GenerateSerializer, Immutable]
[Alias("actors.item")]
public sealed record SessionItem
{
    /// <summary>Who speaks: <c>system</c>, <c>user</c>, <c>assistant</c>, or <see cref="TextRole"/>.</summary>
    [Id(0)] public string Role { get; init; } = "user";

    /// <summary>What is said.</summary>
    [Id(1)] public string Text { get; init; } = "";

    /// <summary>Role of bare text that enters the history without the marks of a chat message, as documents do.</summary>
    public const string TextRole = "text";
}
