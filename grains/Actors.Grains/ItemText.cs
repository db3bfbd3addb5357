using System.Text;

namespace Actors.Grains;

/// <summary>Which characters of an item's text its tokens are.</summary>
internal sealed class ItemText
{
    private readonly HistoryItem _item;
    private readonly SessionModel _model;
    private readonly byte[] _text;
    private readonly int[] _ends; // bytes up to the end of each token
    private readonly int _start;  // byte of the text in those of the tokens, negative when it is not found there
    private readonly int _skipped; // characters of the item's text before the part that was found

    public ItemText(HistoryItem item, SessionModel model)
    {
        (_item, _model, _ends) = (item, model, new int[item.Tokens.Length]);
        byte[] bytes = model.BytesOf(item.Tokens, _ends);
        _text = Encoding.UTF8.GetBytes(item.Text);
        _start = bytes.AsSpan().IndexOf(_text);
        if (_start >= 0) return;
        // Chat templates trim what they frame.
        _skipped = item.Text.Length - item.Text.TrimStart().Length;
        _text = Encoding.UTF8.GetBytes(item.Text.Trim());
        _start = bytes.AsSpan().IndexOf(_text);
    }

    /// <summary>The text of tokens of the history.</summary>
    /// <param name="first">First token.</param>
    /// <param name="end">One after the last.</param>
    /// <returns>Text, and where it stands in the item's text; null when the tokens are none of its text.</returns>
    public (string Text, int? Start, int? End)? Of(int first, int end)
    {
        int from = first - _item.FirstToken, to = end - _item.FirstToken;
        if (_start < 0)
        {
            string decoded = _model.TextOf(_item.Tokens.AsSpan(from, to - from));
            return decoded.Length == 0 ? null : (decoded, null, null);
        }

        int start = Math.Max((from == 0 ? 0 : _ends[from - 1]) - _start, 0), stop = Math.Min(_ends[to - 1] - _start, _text.Length);
        if (start >= stop) return null;
        while (start > 0 && IsInside(start)) start--;
        while (stop < _text.Length && IsInside(stop)) stop++;
        int character = _skipped + Encoding.UTF8.GetCharCount(_text.AsSpan(0, start));
        string text = Encoding.UTF8.GetString(_text.AsSpan(start, stop - start));
        return (text, character, character + text.Length);
    }

    // A byte inside of a character: tokens may end there.
    private bool IsInside(int index) => (_text[index] & 0xC0) == 0x80;
}
