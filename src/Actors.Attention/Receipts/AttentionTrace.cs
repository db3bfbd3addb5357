using Actors.KvCache;

namespace Actors.Attention;

/// <summary>
/// Records what the last token of each step read, while it is set as <see cref="SequenceAttention.Trace"/>: per token the sum and the greatest of the
/// shares that layers and query heads gave it. Holds 12 bytes per token of the context. Owner thread, except that the tasks of a step write into it together.
/// </summary>
/// <remarks>Shares are summed as whole multiples of 2^-40, so that the result does not depend on the order in which threads come.</remarks>
public sealed class AttentionTrace
{
    private const double Unit = 1L << 40;
    private readonly AttentionShape _shape;
    private readonly List<ReadRecord> _records = [];
    private long[] _sums = [];
    private int[] _greatest = [];   // bits of floats: of those that are not negative the larger one has the larger bits
    private bool[] _touched = [];   // by page
    private long _summaries;
    private AttentionView _view;

    /// <summary>Makes an empty trace.</summary>
    /// <param name="shape">The model's head counts.</param>
    public AttentionTrace(AttentionShape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        _shape = shape;
    }

    /// <summary>Position of the query that was recorded last; negative before the first step.</summary>
    public int Position { get; private set; } = -1;

    /// <summary>Says what the last query read. Call it between steps.</summary>
    /// <param name="tokens">Most tokens to name.</param>
    /// <exception cref="InvalidOperationException">Nothing was recorded yet.</exception>
    public AttentionReceipt Read(int tokens)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(tokens);
        if (Position < 0)
            throw new InvalidOperationException("No step was recorded yet: compute one while the trace is set.");
        double heads = Unit * _shape.Layers * _shape.QueryHeads;
        PriorityQueue<ReadToken, (float Greatest, int Earlier)> best = new();
        long sinks = 0, window = 0, memory = 0;
        for (int token = 0; token <= Position; token++)
        {
            if (!_touched[token / KvLayout.PageTokens])
            {
                token += KvLayout.PageTokens - 1 - (token % KvLayout.PageTokens);
                continue;
            }
            long sum = _sums[token];
            if (token >= _view.WindowStart)
                window += sum;
            else if (token < _view.SinkTokens)
                sinks += sum;
            else
                memory += sum;
            float greatest = BitConverter.Int32BitsToSingle(_greatest[token]);
            if (greatest <= 0)
                continue;
            ReadToken read = new(token, (float)(sum / heads), greatest);
            if (best.Count < tokens)
                best.Enqueue(read, (greatest, -token));
            else if (tokens > 0)
                best.EnqueueDequeue(read, (greatest, -token));
        }
        ReadToken[] named = new ReadToken[best.Count];
        for (int i = named.Length; i > 0; i--)
            named[i - 1] = best.Dequeue();
        return new(Position, named, (float)(sinks / heads), (float)(window / heads), (float)(memory / heads), (float)(_summaries / heads));
    }

    /// <summary>Starts anew for the query of a step. Owner thread.</summary>
    internal void Begin(int position, AttentionView view)
    {
        for (int page = 0; page < _touched.Length; page++)
        {
            if (!_touched[page])
                continue;
            _sums.AsSpan(page * KvLayout.PageTokens, KvLayout.PageTokens).Clear();
            _greatest.AsSpan(page * KvLayout.PageTokens, KvLayout.PageTokens).Clear();
            _touched[page] = false;
        }
        (Position, _view, _summaries) = (position, view, 0);
        int pages = KvLayout.PagesFor(position + 1);
        if (pages <= _touched.Length)
            return;
        pages += pages / 4;
        (_sums, _greatest, _touched) = (new long[pages * KvLayout.PageTokens], new int[pages * KvLayout.PageTokens], new bool[pages]);
    }

    /// <summary>Makes room for the records of a layer's tasks. Owner thread.</summary>
    internal void Reserve(int records)
    {
        while (_records.Count < records)
            _records.Add(new());
    }

    internal ReadRecord Record(int index) => _records[index];

    /// <summary>Adds what a head read, now that the whole of it is known. Any thread.</summary>
    /// <param name="record">Scores.</param>
    /// <param name="lse">[rows], LSE of everything that a row read.</param>
    internal void Add(ReadRecord record, ReadOnlySpan<float> lse)
    {
        ReadOnlySpan<float> scores = record.Scores;
        foreach (ReadRecord.Run run in record.Runs)
        {
            for (int i = 0; i < run.Count; i++)
            {
                float share = MathF.Exp(scores[i] - lse[run.Row]);
                long units = (long)(share * Unit);
                if (run.Token == ReadRecord.Summary)
                {
                    Interlocked.Add(ref _summaries, units);
                    continue;
                }
                Interlocked.Add(ref _sums[run.Token + i], units);
                Raise(ref _greatest[run.Token + i], BitConverter.SingleToInt32Bits(share));
            }
            for (int page = Math.Max(run.Token, 0) / KvLayout.PageTokens; run.Token >= 0 && page <= (run.Token + run.Count - 1) / KvLayout.PageTokens; page++)
                Volatile.Write(ref _touched[page], true);
            scores = scores[run.Count..];
        }
    }

    private static void Raise(ref int greatest, int bits)
    {
        int seen = Volatile.Read(ref greatest);
        while (bits > seen)
        {
            int before = Interlocked.CompareExchange(ref greatest, bits, seen);
            if (before == seen)
                return;
            seen = before;
        }
    }
}
