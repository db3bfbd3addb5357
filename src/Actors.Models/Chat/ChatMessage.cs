namespace Actors.Models;

/// <summary>One message of a conversation.</summary>
/// <param name="Role">Who speaks: <c>system</c>, <c>user</c>, <c>assistant</c>, or another role that the template knows.</param>
/// <param name="Content">What was said; never interpreted as markers.</param>
public sealed record ChatMessage(string Role, string Content);
