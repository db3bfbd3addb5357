namespace Actors.Grains;

/// <summary>One message, ingested piece or answer, where it stands in the tokens of a history.</summary>
/// <param name="Role">Who speaks.</param>
/// <param name="Text">The text; empty when it was not wanted.</param>
/// <param name="FirstToken">Its first token, those of the template before the text included.</param>
/// <param name="TokenCount">Its tokens.</param>
/// <param name="Tokens">Them; empty when they were not wanted.</param>
internal sealed record HistoryItem(string Role, string Text, int FirstToken, int TokenCount, int[] Tokens)
{
    /// <summary>One after its last token.</summary>
    public int EndToken => FirstToken + TokenCount;
}
