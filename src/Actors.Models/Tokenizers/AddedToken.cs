namespace Actors.Models;

/// <summary>One entry of <c>added_tokens</c>; LeftStrip and RightStrip absorb whitespace beside a match.</summary>
internal sealed record AddedToken(int Id, string Content, bool Special, bool LeftStrip, bool RightStrip, bool SingleWord);
