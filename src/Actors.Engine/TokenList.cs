using System.Runtime.InteropServices;

namespace Actors.Engine;

/// <summary>The tokens of a sequence. Safe from any thread; only <see cref="AsSpan"/> needs care.</summary>
internal sealed class TokenList(ReadOnlySpan<int> tokens)
{
    private readonly Lock _lock = new();
    private readonly List<int> _tokens = [.. tokens];

    public int Count
    {
        get
        {
            lock (_lock)
                return _tokens.Count;
        }
    }

    /// <summary>The tokens without a copy. Valid until something is added: for the step thread, which is the one that adds during a turn.</summary>
    public ReadOnlySpan<int> AsSpan() => CollectionsMarshal.AsSpan(_tokens);

    public void Add(int token)
    {
        lock (_lock)
            _tokens.Add(token);
    }

    public void Add(ReadOnlySpan<int> tokens)
    {
        lock (_lock)
            _tokens.AddRange(tokens);
    }

    public void RemoveFrom(int index)
    {
        lock (_lock)
            _tokens.RemoveRange(index, _tokens.Count - index);
    }

    public int[] ToArray()
    {
        lock (_lock)
            return [.. _tokens];
    }
}
