namespace Actors.Models;

/// <summary>
/// Watches streamed text for stop strings and holds back only what may begin one. The result does not depend on how the text is cut:
/// the stop that is complete first wins, and of those the one that began first. One per answer, one thread at a time.
/// </summary>
/// <param name="stops">Strings to stop at, none empty; compared by character.</param>
public sealed class StopSequenceMatcher(IReadOnlyList<string> stops)
{
    private string _held = "";

    /// <summary>The stop string that was found; null while there is none.</summary>
    public string? Matched { get; private set; }

    /// <summary>Takes the next piece of text.</summary>
    /// <param name="text">Decoded text; may be empty.</param>
    /// <returns>Text that is safe to show now. After a match: the text before the stop string, and then nothing more.</returns>
    public string Append(string text)
    {
        if (Matched is not null) return "";
        if (stops.Count == 0) return text;
        text = _held + text;
        if (FindFirst(text) is { } start)
        {
            _held = "";
            return text[..start];
        }

        int held = HeldLength(text);
        _held = text[^held..];
        return text[..^held];
    }

    /// <summary>Ends the answer: returns the text held back, which has turned out to begin no stop string.</summary>
    public string Flush()
    {
        string text = _held;
        _held = "";
        return text;
    }

    private int? FindFirst(string text)
    {
        int? first = null;
        int firstEnd = int.MaxValue;
        foreach (string stop in stops)
        {
            int start = text.IndexOf(stop, StringComparison.Ordinal);
            if (start < 0) continue;
            int end = start + stop.Length;
            if (end > firstEnd || (end == firstEnd && start >= first)) continue;
            (first, firstEnd, Matched) = (start, end, stop);
        }

        return first;
    }

    private int HeldLength(string text)
    {
        int held = 0;
        foreach (string stop in stops)
        {
            for (int length = Math.Min(stop.Length - 1, text.Length); length > held; length--)
            {
                if (!text.AsSpan(text.Length - length).SequenceEqual(stop.AsSpan(0, length))) continue;
                held = length;
                break;
            }
        }

        return held;
    }
}
