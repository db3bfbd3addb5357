namespace Actors.Models;

/// <summary>Ranked merges of a byte-pair vocabulary (arXiv:1508.07909): the lowest rank first, and of equals the leftmost.</summary>
internal sealed class MergeTable
{
    private const int ScanLimit = 64;
    private readonly Dictionary<long, (int Rank, int Token)> _merges;

    public MergeTable(int capacity) => _merges = new Dictionary<long, (int Rank, int Token)>(capacity);

    /// <summary>Adds a merge; of repeated pairs the last counts.</summary>
    public void Add(int left, int right, int rank, int token) => _merges[Pair(left, right)] = (rank, token);

    /// <summary>Merges a word in place.</summary>
    /// <param name="tokens">Tokens of single bytes or characters.</param>
    /// <returns>How many tokens are left, at the front.</returns>
    public int Apply(Span<int> tokens) =>
        tokens.Length < 2 ? tokens.Length : tokens.Length <= ScanLimit ? ApplyByScan(tokens) : ApplyByHeap(tokens);

    internal int ApplyByScan(Span<int> tokens)
    {
        int count = tokens.Length;
        Span<int> ranks = count <= ScanLimit ? stackalloc int[count] : new int[count];
        for (int i = 0; i + 1 < count; i++) ranks[i] = Rank(tokens[i], tokens[i + 1]);
        while (count > 1)
        {
            int best = 0;
            for (int i = 1; i + 1 < count; i++)
            {
                if (ranks[i] < ranks[best]) best = i;
            }

            if (ranks[best] == int.MaxValue) break;
            tokens[best] = _merges[Pair(tokens[best], tokens[best + 1])].Token;
            tokens[(best + 2)..count].CopyTo(tokens[(best + 1)..]);
            ranks[(best + 2)..count].CopyTo(ranks[(best + 1)..]);
            count--;
            if (best > 0) ranks[best - 1] = Rank(tokens[best - 1], tokens[best]);
            if (best + 1 < count) ranks[best] = Rank(tokens[best], tokens[best + 1]);
        }

        return count;
    }

    internal int ApplyByHeap(Span<int> tokens)
    {
        // A doubly linked list over positions; a heap entry is stale when the tokens at its position have changed.
        var left = new int[tokens.Length];
        var right = new int[tokens.Length];
        var heap = new PriorityQueue<(int Position, long Pair, int Token), (int Rank, int Position)>(tokens.Length);
        for (int i = 0; i < tokens.Length; i++)
        {
            left[i] = i - 1;
            right[i] = i + 1;
            if (i + 1 < tokens.Length) Offer(heap, i, tokens[i], tokens[i + 1]);
        }

        while (heap.TryDequeue(out var entry, out _))
        {
            int position = entry.Position, next = right[position];
            if (tokens[position] < 0 || next >= tokens.Length || Pair(tokens[position], tokens[next]) != entry.Pair) continue;
            tokens[position] = entry.Token;
            tokens[next] = -1;
            right[position] = right[next];
            if (right[position] < tokens.Length)
            {
                left[right[position]] = position;
                Offer(heap, position, entry.Token, tokens[right[position]]);
            }

            if (left[position] >= 0) Offer(heap, left[position], tokens[left[position]], entry.Token);
        }

        int count = 0;
        foreach (int token in tokens)
        {
            if (token >= 0) tokens[count++] = token;
        }

        return count;
    }

    private void Offer(
        PriorityQueue<(int Position, long Pair, int Token), (int Rank, int Position)> heap, int position, int left, int right)
    {
        long pair = Pair(left, right);
        if (_merges.TryGetValue(pair, out var merge)) heap.Enqueue((position, pair, merge.Token), (merge.Rank, position));
    }

    private int Rank(int left, int right) => _merges.TryGetValue(Pair(left, right), out var merge) ? merge.Rank : int.MaxValue;

    private static long Pair(int left, int right) => (long)left << 32 | (uint)right;
}
