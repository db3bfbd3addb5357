using System.Text;

namespace Actors.Models;

/// <summary>Unicode normalization form C (UAX #15): decompose, order marks, compose.</summary>
internal static class CanonicalComposition
{
    private const int LBase = 0x1100, VBase = 0x1161, TBase = 0x11A7, SBase = 0xAC00;
    private const int LCount = 19, VCount = 21, TCount = 28, SCount = LCount * VCount * TCount;
    private const char FirstCombining = '\u0300';

    public static string Normalize(string text)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange('\0', (char)(FirstCombining - 1))) return text;
        var mappings = CanonicalMappings.Instance;
        bool mayChange = false;
        foreach (var rune in text.EnumerateRunes()) mayChange |= rune.Value >= FirstCombining && mappings.MayChange(rune.Value);
        if (!mayChange) return text;
        var codes = new List<int>(text.Length);
        foreach (var rune in text.EnumerateRunes()) Decompose(mappings, rune.Value, codes);
        Order(mappings, codes);
        Compose(mappings, codes);
        var result = new StringBuilder(text.Length);
        Span<char> units = stackalloc char[2];
        foreach (int code in codes) result.Append(units[..new Rune(code).EncodeToUtf16(units)]);
        return result.ToString();
    }

    private static void Decompose(CanonicalMappings mappings, int code, List<int> codes)
    {
        int syllable = code - SBase;
        if (syllable is >= 0 and < SCount)
        {
            codes.Add(LBase + syllable / (VCount * TCount));
            codes.Add(VBase + syllable % (VCount * TCount) / TCount);
            if (syllable % TCount != 0) codes.Add(TBase + syllable % TCount);
        }
        else if (mappings.TryDecompose(code, out var mapping))
        {
            foreach (int part in mapping!) Decompose(mappings, part, codes);
        }
        else
        {
            codes.Add(code);
        }
    }

    private static void Order(CanonicalMappings mappings, List<int> codes)
    {
        for (int start = 0; start < codes.Count; start++)
        {
            if (mappings.CombiningClass(codes[start]) == 0) continue;
            int end = start;
            while (end < codes.Count && mappings.CombiningClass(codes[end]) != 0) end++;
            var marks = codes.GetRange(start, end - start).OrderBy(mappings.CombiningClass).ToArray();
            for (int i = 0; i < marks.Length; i++) codes[start + i] = marks[i];
            start = end;
        }
    }

    private static void Compose(CanonicalMappings mappings, List<int> codes)
    {
        int starter = -1, write = 0, lastClass = 0;
        for (int read = 0; read < codes.Count; read++)
        {
            int code = codes[read], combining = mappings.CombiningClass(code);
            bool blocked = write - starter > 1 && lastClass >= combining;
            if (starter >= 0 && !blocked && TryCompose(mappings, codes[starter], code, out int composed))
            {
                codes[starter] = composed;
                continue;
            }

            if (combining == 0) starter = write;
            lastClass = combining;
            codes[write++] = code;
        }

        codes.RemoveRange(write, codes.Count - write);
    }

    private static bool TryCompose(CanonicalMappings mappings, int first, int second, out int composed)
    {
        int l = first - LBase, v = second - VBase, t = second - TBase, s = first - SBase;
        if (l is >= 0 and < LCount && v is >= 0 and < VCount) composed = SBase + (l * VCount + v) * TCount;
        else if (s is >= 0 and < SCount && s % TCount == 0 && t is > 0 and < TCount) composed = first + t;
        else return mappings.TryCompose(first, second, out composed);
        return true;
    }
}
