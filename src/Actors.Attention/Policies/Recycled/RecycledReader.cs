using System.Numerics.Tensors;
using Actors.Kernels;
using Actors.KvCache;

namespace Actors.Attention;

/// <summary>
/// Keeps the queries of full steps by position. What a full step's queries attended to most is computed when a later position first asks, from the keys before the full step, so whoever asks
/// first makes no difference.
/// </summary>
internal sealed class RecycledReader : MemoryReader
{
    private readonly RecycledOptions _options;
    private readonly FullSteps[] _steps;       // [layers]
    private readonly Choice[] _choices;        // [layers, kvHeads]

    public RecycledReader(IAttentionPolicy policy, SequenceContext sequence, RecycledOptions options)
        : base(policy, sequence)
    {
        _options = options;
        _steps = [.. Enumerable.Range(0, sequence.Shape.Layers).Select(_ => new FullSteps(sequence.Shape.QueryHeads * sequence.Shape.HeadDim, options))];
        _choices = [.. Enumerable.Range(0, sequence.Heads).Select(_ => new Choice())];
    }

    public override long Bytes => _steps.Sum(steps => steps.Bytes) + _choices.Sum(choice => (long)choice.Tokens.Length * sizeof(int));

    public override void Prepare(int layer, int firstToken, int rows, ReadOnlySpan<float> queries)
    {
        Forget(layer, firstToken);
        int rowFloats = Sequence.Shape.QueryHeads * Sequence.Shape.HeadDim;
        for (int row = 0; row < rows; row++)
            _steps[layer].Add(firstToken + row, queries.Slice(row * rowFloats, rowFloats));
    }

    public override void OnCommitted()
    {
        for (int layer = 0; layer < _steps.Length; layer++)
            Forget(layer, Sequence.Table.TokenCount);
    }

    protected override void ReadMemory(in QueryBlock block, AttentionView view)
    {
        int position = block.FirstPosition, full = _steps[block.Layer].Before(position);
        if (full < 0 || full == position || block.Tokens > 1)
        {
            block.ReadMemory(view.SinkTokens, view.WindowStart, view);
            return;
        }
        AttentionView then = Policy.View(full);
        int end = then.Distant ? then.WindowStart : view.SinkTokens;
        block.Rotate(view);
        if (end > view.SinkTokens)
        {
            FoundKeys found = block.Scratch.Found;
            Choice choice = _choices[Sequence.HeadIndex(block.Layer, block.Head)];
            lock (choice)
            {
                if (choice.Position != full)
                    Choose(block, choice, full, then);
                found.Set(choice.Tokens.AsSpan(0, choice.Count));
            }
            block.ReadTokens(found.Ids, view, 0, block.Rows);
        }
        block.ReadMemory(end, view.WindowStart, view); // what has left the window since
    }

    // The keys with the most attention, summed over the query heads of the group.
    private void Choose(in QueryBlock block, Choice choice, int full, AttentionView view)
    {
        AttentionShape shape = Sequence.Shape;
        AttentionScratch scratch = block.Scratch.Inner;
        float[] queries = new float[shape.QueryHeads * shape.HeadDim];
        _steps[block.Layer].Read(full, queries);
        QueryBlock then = new(scratch, Sequence, block.Layer, block.Head, full, 1);
        then.Load(queries, shape.QueryHeads);
        then.ReadTrue(view.WindowStart, full + 1, int.MaxValue, null);
        then.ReadSinks(view);
        int count = view.WindowStart - view.SinkTokens;
        Span<float> scores = scratch.Found.Scratch.Floats((then.Rows + 1) * count), mass = scores[(then.Rows * count)..];
        then.ScoreMemory(view, scores);
        mass.Clear();
        for (int row = 0; row < then.Rows; row++)
        {
            Span<float> shares = scores.Slice(row * count, count);
            float most = MathF.Max(TensorPrimitives.Max<float>(shares), then.Lse[row]);
            TensorPrimitives.Subtract(shares, most, shares);
            TensorPrimitives.Exp(shares, shares);
            float total = TensorPrimitives.Sum<float>(shares) + MathF.Exp(then.Lse[row] - most);
            TensorPrimitives.MultiplyAdd(shares, 1 / total, mass, mass);
        }
        if (choice.Tokens.Length < _options.Tokens)
            choice.Tokens = new int[_options.Tokens];
        choice.Count = TopK.Select(mass, _options.Tokens, choice.Tokens);
        TensorPrimitives.Add(choice.Tokens.AsSpan(0, choice.Count), view.SinkTokens, choice.Tokens);
        choice.Position = full;
        block.Scratch.Counts.Scored += (long)count * then.Rows;
    }

    private void Forget(int layer, int tokens)
    {
        _steps[layer].Truncate(tokens);
        for (int head = 0; head < Sequence.Shape.KvHeads; head++)
        {
            Choice choice = _choices[Sequence.HeadIndex(layer, head)];
            if (choice.Position >= tokens)
                choice.Position = -1;
        }
    }

    private sealed class Choice
    {
        public int Position = -1, Count;
        public int[] Tokens = [];
    }
}
