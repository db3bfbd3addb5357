using System.Numerics.Tensors;
using Actors.Kernels;

namespace Actors.Attention;

/// <summary>Remembers the last queries of prompts, and what they chose.</summary>
internal sealed class SnapKvReader : KeptReader
{
    private const int Prompts = 4;
    private readonly SnapKvPolicy _policy;
    private readonly SnapKvOptions _options;
    private readonly PromptTails[] _tails; // [layers]
    private readonly List<KeptPrompt> _prompts = [];
    private KeptPrompt? _current;
    private bool _decoding;

    public SnapKvReader(SnapKvPolicy policy, SnapKvOptions options, SequenceContext sequence)
        : base(policy, sequence, new(sequence, Enumerable.Repeat(true, sequence.Heads).ToArray(), DistantReading.Selected))
    {
        (_policy, _options) = (policy, options);
        _tails = [.. Enumerable.Range(0, sequence.Shape.Layers).Select(_ => new PromptTails(options.Observed, sequence.Shape.QueryHeads * sequence.Shape.HeadDim))];
    }

    public override long Bytes => base.Bytes + _tails.Sum(tails => tails.Bytes) + _prompts.Sum(prompt => prompt.Bytes);

    public override void OnCommitted()
    {
        base.OnCommitted();
        Truncate(Sequence.Table.TokenCount);
    }

    protected override bool ReadsWhole(int layer, int head)
        => _current is null || (_current.Tokens[Sequence.HeadIndex(layer, head)] is null && (!_decoding || _tails[layer].Known(_current.End) == 0));

    protected override void PrepareKept(int layer, int firstToken, int rows, ReadOnlySpan<float> queries)
    {
        _decoding = rows == 1;
        if (layer == 0)
        {
            Truncate(firstToken); // a step that failed may have left more
            if (_decoding && _tails[0].End > (_prompts.Count == 0 ? 0 : _prompts[^1].End))
                Begin(_tails[0].End);
            _current = _prompts.Count > 0 && (_decoding || _options.Turns == TurnKeeping.Add) ? _prompts[^1] : null;
        }
        if (!_decoding)
            _tails[layer].Add(firstToken, queries[..(rows * Sequence.Shape.QueryHeads * Sequence.Shape.HeadDim)]);
    }

    protected override void ReadKept(in QueryBlock block, AttentionView view)
    {
        KeptPrompt prompt = _current!;
        int[] tokens = prompt.Tokens[Sequence.HeadIndex(block.Layer, block.Head)] ??= Choose(block, prompt);
        int seen = Array.BinarySearch(tokens, view.WindowStart); // those in the window are read there
        block.Rotate(view);
        block.ReadTokens(tokens.AsSpan(0, seen < 0 ? ~seen : seen), view, 0, block.Rows);
        block.ReadMemory(Math.Max(prompt.KeepFrom, view.SinkTokens), view.WindowStart, view);
    }

    private void Begin(int end)
    {
        _prompts.Add(new(end, Math.Max(_options.Memory.SinkTokens, end - _options.Observed), Sequence.Heads));
        if (_prompts.Count > Prompts)
            _prompts.RemoveAt(0);
    }

    // One row is decoded, so one task at a time is here for a head.
    private int[] Choose(in QueryBlock reading, KeptPrompt prompt)
    {
        int layer = reading.Layer, head = reading.Head, index = _prompts.IndexOf(prompt), start = _options.Memory.SinkTokens;
        int[] before = [];
        if (_options.Turns == TurnKeeping.Add && index > 0 && _prompts[index - 1] is var last && last.Tokens[Sequence.HeadIndex(layer, head)] is { } kept)
            (before, start) = (kept, last.KeepFrom);
        int candidates = Math.Max(0, prompt.KeepFrom - start), count = Math.Min(_options.Chosen(layer, Sequence.Shape.Layers, prompt.End), candidates);
        int[] tokens = new int[before.Length + count];
        before.CopyTo(tokens, 0);
        Span<int> chosen = tokens.AsSpan(before.Length);
        if (count < candidates)
        {
            TopK.Select(Pooled(Votes(reading, prompt.End, start, candidates)), count, chosen);
        }
        else
        {
            for (int i = 0; i < count; i++)
                chosen[i] = i;
        }
        TensorPrimitives.Add(chosen, start, chosen);
        return tokens;
    }

    // Attention that the prompt's last queries pay to each candidate, all query heads of the group together.
    private float[] Votes(in QueryBlock reading, int end, int start, int candidates)
    {
        float[] queries = _tails[reading.Layer].Read(end), votes = new float[candidates];
        int rows = queries.Length / (Sequence.Shape.QueryHeads * Sequence.Shape.HeadDim);
        AttentionView view = _policy.View(end - 1);
        QueryBlock observed = new(reading.Scratch.Inner, Sequence, reading.Layer, reading.Head, end - rows, rows);
        reading.Scratch.Inner.Counts = default;
        observed.Load(queries, Sequence.Shape.QueryHeads);
        observed.ReadWindow(view);
        observed.ReadSinks(view);
        observed.Weigh(view.SinkTokens, view.WindowStart, view);
        observed.AddShares(start, start + candidates, view, votes);
        reading.Scratch.Counts.Scored += reading.Scratch.Inner.Counts.Scored;
        return votes;
    }

    private float[] Pooled(float[] votes)
    {
        int reach = _options.Pool / 2;
        float[] pooled = new float[votes.Length];
        for (int i = 0; i < votes.Length; i++)
        {
            for (int j = Math.Max(0, i - reach); j <= Math.Min(votes.Length - 1, i + reach); j++)
                pooled[i] += votes[j];
        }
        return pooled;
    }

    private void Truncate(int tokens)
    {
        foreach (PromptTails tails in _tails)
            tails.Truncate(tokens);
        while (_prompts.Count > 0 && _prompts[^1].End > tokens)
            _prompts.RemoveAt(_prompts.Count - 1);
        if (_current is not null && _current.End > tokens)
            _current = null;
    }
}
