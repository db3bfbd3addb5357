namespace Actors.Models;

/// <summary>
/// Buffer of the best tokens. A key holds the logit in its upper half and the inverted token in its lower, so that keys sort by logit and,
/// among equals, by token: the choice never depends on the sorting algorithm.
/// </summary>
internal sealed class TokenCandidates(int vocabulary)
{
    private ulong[] _keys = new ulong[Math.Min(vocabulary, 1024)];

    public int Count { get; private set; }

    /// <summary>Best first.</summary>
    public int Token(int index) => (int)~(uint)_keys[index];

    /// <summary>Best first.</summary>
    public float Logit(int index)
    {
        uint bits = (uint)(_keys[index] >> 32);
        return BitConverter.UInt32BitsToSingle((bits & 0x80000000) != 0 ? bits & 0x7FFFFFFF : ~bits);
    }

    /// <summary>Collects the best tokens of at least a logit, sorted best first.</summary>
    public void Collect(ReadOnlySpan<float> logits, int limit, float minLogit)
    {
        limit = Math.Min(limit, logits.Length);
        int room = (int)Math.Min(logits.Length, Math.Max(2L * limit, 1024));
        if (_keys.Length < room) _keys = new ulong[room];
        Count = 0;
        for (int token = 0; token < logits.Length; token++)
        {
            if (!(logits[token] >= minLogit)) continue;
            if (Count == room) minLogit = Math.Max(minLogit, Cut(limit));
            _keys[Count++] = Key(logits[token], token);
        }

        Cut(limit);
    }

    private float Cut(int limit)
    {
        var keys = _keys.AsSpan(0, Count);
        keys.Sort();
        keys.Reverse();
        Count = Math.Min(Count, limit);
        return Count == limit ? Logit(limit - 1) : float.NegativeInfinity;
    }

    private static ulong Key(float logit, int token)
    {
        uint bits = BitConverter.SingleToUInt32Bits(logit + 0f);
        bits = (bits & 0x80000000) != 0 ? ~bits : bits | 0x80000000;
        return (ulong)bits << 32 | ~(uint)token;
    }
}
