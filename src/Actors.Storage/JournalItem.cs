namespace Actors.Storage;

/// <summary>One item of accepted input.</summary>
/// <param name="Role">Who speaks.</param>
/// <param name="Text">The text as it was given.</param>
/// <param name="Tokens">The token ids that it became, markers of the chat template included.</param>
public sealed record JournalItem(string Role, string Text, int[] Tokens);
