namespace Actors.Attention;

/// <summary>Chooses heads by their scores, over all layers together.</summary>
internal static class HeadRanking
{
    /// <summary>Marks the heads with the highest scores; among equal scores the first ones.</summary>
    /// <param name="scores">[heads].</param>
    /// <param name="share">Share of the heads, rounded up, 0 to 1.</param>
    /// <param name="chosen">[heads], set where chosen and left alone elsewhere.</param>
    public static void MarkTop(ReadOnlySpan<float> scores, float share, Span<bool> chosen)
    {
        float[] values = scores.ToArray();
        int count = (int)Math.Ceiling(Math.Round(share * (double)values.Length, 3));
        foreach (int head in Enumerable.Range(0, values.Length).OrderByDescending(head => values[head]).Take(count))
            chosen[head] = true;
    }

    /// <summary>The chosen heads as hexadecimal digits, for fingerprints.</summary>
    public static string Write(ReadOnlySpan<bool> chosen)
    {
        byte[] bits = new byte[(chosen.Length + 7) / 8];
        for (int i = 0; i < chosen.Length; i++)
            bits[i / 8] |= (byte)(chosen[i] ? 1 << (i % 8) : 0);
        return Convert.ToHexStringLower(bits);
    }
}
