using Actors.KvCache;

namespace Actors.Attention;

/// <summary>
/// Attention that each key of one (layer, KV head) has drawn from later queries while it was in their window. Sums are fixed-point integers,
/// so that query blocks that add at the same time give the same sum in any order.
/// </summary>
internal sealed class ReceivedAttention
{
    private const float One = 1L << 32;
    private long[] _sums = [];
    private int _first; // token of _sums[0], a page's start

    /// <summary>Makes room for tokens up to <paramref name="end"/>. Owner thread.</summary>
    public void Reserve(int end)
    {
        if (end - _first > _sums.Length)
            Array.Resize(ref _sums, Math.Max(end - _first, _sums.Length * 2));
    }

    /// <summary>Adds a share of attention. Any thread.</summary>
    public void Add(int token, float share)
    {
        if (token >= _first)
            Interlocked.Add(ref _sums[token - _first], (long)(share * One));
    }

    /// <summary>What a token drew, 0 when nothing is known of it.</summary>
    public long this[int token] => token >= _first && token - _first < _sums.Length ? _sums[token - _first] : 0;

    /// <summary>Forgets tokens before a page's start. Owner thread.</summary>
    public void DropBefore(int token)
    {
        if (_sums.Length == 0)
            _first = token; // after a restore nothing is known of what lies before
        int dropped = Math.Min(token - _first, _sums.Length);
        if (dropped < 16 * KvLayout.PageTokens)
            return; // moving the rest is worth it only now and then
        Array.Copy(_sums, dropped, _sums, 0, _sums.Length - dropped);
        Array.Clear(_sums, _sums.Length - dropped, dropped);
        _first += dropped;
    }

    /// <summary>Forgets tokens from a position on. Owner thread.</summary>
    public void Truncate(int tokens)
    {
        if (tokens <= _first)
            (_first, _sums) = (tokens / KvLayout.PageTokens * KvLayout.PageTokens, []);
        else if (tokens - _first < _sums.Length)
            Array.Clear(_sums, tokens - _first, _sums.Length - (tokens - _first));
    }
}
