namespace Actors.Attention;

/// <summary>
/// The tokens of one sequence that draw too much attention, as the last queries of each long chunk saw them. What a chunk found holds from its first row on, until another
/// chunk looks. Queries are not stored, so that after a restore nothing is known until a long chunk comes. Looked for by the owner thread; read by any.
/// </summary>
internal sealed class SinkFinder(SinkCalibration calibration, SequenceContext sequence)
{
    // Few, because they look from the owner thread; the mean of sixteen tells what draws a tenth of all.
    private const int Queries = 16;
    private readonly AttentionScratch _scratch = new();
    private readonly List<Found>[] _found = [.. Enumerable.Range(0, sequence.Shape.Layers).Select(_ => new List<Found>())];
    private readonly List<int>[] _heads = [.. Enumerable.Range(0, sequence.Shape.QueryHeads).Select(_ => new List<int>())];

    /// <summary>Factor on the share of these tokens.</summary>
    public float Beta => calibration.Beta;

    /// <summary>Tokens that a group of query heads reads apart; empty where there are none.</summary>
    public ReadOnlySpan<int[]> Of(int layer, int head)
        => _found[layer].Count == 0 ? [] : _found[layer][^1].Tokens.AsSpan(head * sequence.Shape.GroupSize, sequence.Shape.GroupSize);

    /// <summary>Looks with the last queries of a chunk that end a query block.</summary>
    /// <param name="layer">Layer.</param>
    /// <param name="first">Position of the first row.</param>
    /// <param name="rows">Rows, more than a query block.</param>
    /// <param name="queries">[rows, queryHeads, headDim].</param>
    /// <param name="policy">What reads the chunk.</param>
    public void Look(int layer, int first, int rows, ReadOnlySpan<float> queries, IAttentionPolicy policy)
    {
        AttentionShape shape = sequence.Shape;
        if (!Enumerable.Range(0, shape.QueryHeads).Any(head => calibration.Holds(shape, layer, head)))
            return;
        int end = (first + rows) / AttentionPolicies.QueryBlockTokens * AttentionPolicies.QueryBlockTokens, start = Math.Max(first, end - Queries);
        AttentionView view = policy.View(start);
        foreach (List<int> tokens in _heads)
            tokens.Clear();
        for (int head = 0; head < shape.KvHeads; head++)
        {
            QueryBlock block = new(_scratch, sequence, layer, head, start, end - start);
            block.Load(queries[((start - first) * shape.QueryHeads * shape.HeadDim)..], shape.QueryHeads);
            block.FindSinks(view, calibration.Above, _heads.AsSpan(head * shape.GroupSize, shape.GroupSize));
        }
        for (int head = 0; head < shape.QueryHeads; head++)
        {
            if (!calibration.Holds(shape, layer, head))
                _heads[head].Clear();
        }
        List<Found> found = _found[layer];
        if (found.Count == 0 || !found[^1].Tokens.Zip(_heads).All(pair => pair.First.SequenceEqual(pair.Second)))
            found.Add(new(first + rows, [.. _heads.Select(tokens => tokens.ToArray())]));
    }

    /// <summary>Forgets what chunks found that are no longer there as a whole.</summary>
    public void Truncate(int tokens)
    {
        foreach (List<Found> found in _found)
            found.RemoveAll(each => each.End > tokens);
    }

    private readonly record struct Found(int End, int[][] Tokens);
}
