using Actors.Kernels;
using Actors.KvCache;

namespace Actors.Attention;

/// <content>Whole 16-token groups, un-roped.</content>
internal readonly ref partial struct QueryBlock
{
    /// <summary>Reads whole groups un-roped, all at one distance from the queries, in one softmax, and merges it into the result.</summary>
    /// <param name="groups">16-token groups.</param>
    /// <param name="distance">Tokens between query and keys.</param>
    public void ReadUnroped(ReadOnlySpan<int> groups, int distance)
    {
        if (groups.IsEmpty)
            return;
        Begin();
        RotateTo(distance);
        for (int i = 0; i < groups.Length; i += 4)
        {
            ReadOnlySpan<int> tile = groups.Slice(i, Math.Min(4, groups.Length - i));
            LoadKeys(tile);
            ScoreKernel.Score(_scratch.Rotated, _scratch.Keys, _rows, _headDim, _scratch.Weights);
            Accumulate(tile);
        }
        Finish();
        Count((long)groups.Length * KvLayout.GroupTokens * _rows, groups.Length, groups.Length);
    }

    /// <summary>Scores whole groups un-roped and keeps the scores for <see cref="ReadScored"/>. Follows <see cref="RotateTo"/>.</summary>
    /// <param name="groups">16-token groups.</param>
    /// <param name="sinks">Leading groups that are read anyway and do not count for <paramref name="rowBest"/>.</param>
    /// <param name="offsets">[rows], what a row's scores are measured against.</param>
    /// <param name="groupScores">Written: each group's best score over rows and tokens, less the row's offset.</param>
    /// <param name="rowBest">[rows], written: each row's best score over groups and tokens, less its offset.</param>
    public void Score(ReadOnlySpan<int> groups, int sinks, ReadOnlySpan<float> offsets, Span<float> groupScores, Span<float> rowBest)
    {
        groupScores[..groups.Length].Fill(float.NegativeInfinity);
        rowBest.Fill(float.NegativeInfinity);
        for (int i = 0; i < groups.Length; i += 4)
        {
            ReadOnlySpan<int> tile = groups.Slice(i, Math.Min(4, groups.Length - i));
            LoadKeys(tile);
            Prefetch(groups, i + 4);
            Span<float> scores = _scratch.BeamScores.AsSpan(i / 4 * _rows * KeyTile.Tokens, _rows * KeyTile.Tokens);
            ScoreKernel.Score(_scratch.Rotated, _scratch.Keys, _rows, _headDim, scores);
            for (int row = 0; row < _rows; row++)
            {
                for (int slot = 0; slot < tile.Length; slot++)
                {
                    float best = SoftmaxKernel.LargestOf16(scores[((row * KeyTile.Tokens) + (slot * KeyTile.GroupTokens))..]) - offsets[row];
                    groupScores[i + slot] = MathF.Max(groupScores[i + slot], best);
                    if (i + slot >= sinks)
                        rowBest[row] = MathF.Max(rowBest[row], best);
                }
            }
        }
    }

    /// <summary>Reads some of the groups that <see cref="Score"/> scored, in one softmax, and merges it into the result.</summary>
    /// <param name="scored">The groups given to <see cref="Score"/>.</param>
    /// <param name="kept">Indices into <paramref name="scored"/>, ascending.</param>
    public void ReadScored(ReadOnlySpan<int> scored, ReadOnlySpan<int> kept)
    {
        Begin();
        Span<int> groups = stackalloc int[4];
        for (int i = 0; i < kept.Length; i += 4)
        {
            int count = Math.Min(4, kept.Length - i);
            for (int slot = 0; slot < count; slot++)
            {
                int source = kept[i + slot];
                groups[slot] = scored[source];
                for (int row = 0; row < _rows; row++)
                {
                    _scratch.BeamScores.AsSpan((((source / 4 * _rows) + row) * KeyTile.Tokens) + (source % 4 * KeyTile.GroupTokens), KeyTile.GroupTokens)
                        .CopyTo(_scratch.Weights.AsSpan((row * KeyTile.Tokens) + (slot * KeyTile.GroupTokens)));
                }
            }
            Accumulate(groups[..count]);
        }
        Finish();
        Count((long)kept.Length * KvLayout.GroupTokens * _rows, kept.Length, kept.Length);
    }

    /// <summary>Queries at one distance from un-roped keys; the scale that a key at position 0 would carry is folded into the query.</summary>
    public void RotateTo(int distance)
    {
        RotaryTables tables = _rope.Tables;
        for (int row = 0; row < _rows; row++)
        {
            Span<float> rotated = _scratch.Rotated.AsSpan(row * _headDim, _headDim);
            tables.RotateInSegment(Query(row), distance, rotated);
            tables.RotateSegments(rotated, distance / RotaryTables.SegmentTokens, rotated);
            if (_rope.AttentionScale != 1f)
                System.Numerics.Tensors.TensorPrimitives.Multiply(rotated, _rope.AttentionScale, rotated);
        }
    }

    // The keys of the next tile, while this one is being scored.
    private void Prefetch(ReadOnlySpan<int> groups, int from)
    {
        int bytes = KvLayout.GroupTokens * _headDim * _layout.ElementBytes;
        for (int i = from; i < Math.Min(from + 4, groups.Length); i++)
        {
            int page = groups[i] / KvLayout.GroupsPerPage;
            if (_table.IsResident(page))
                CacheHint.Fetch(_table.Page(page).Slice(_layout.KeysOffset(_layer, _head, groups[i] % KvLayout.GroupsPerPage), bytes));
        }
    }

    private void LoadKeys(ReadOnlySpan<int> groups)
    {
        for (int slot = 0; slot < groups.Length; slot++)
        {
            int group = groups[slot];
            ReadOnlySpan<byte> keys = _table.Keys(group / KvLayout.GroupsPerPage, _layer, _head, group % KvLayout.GroupsPerPage, _scratch.Block);
            KeyTile.Widen(_element, keys, _headDim, slot, _scratch.Keys);
        }
    }

    // The tile's scores stand in Weights; all of its tokens are visible to all rows.
    private void Accumulate(ReadOnlySpan<int> groups)
    {
        int tokens = groups.Length * KvLayout.GroupTokens;
        for (int slot = 0; slot < groups.Length; slot++)
        {
            int group = groups[slot];
            ReadOnlySpan<byte> values = _table.Values(group / KvLayout.GroupsPerPage, _valueLayer, _head, group % KvLayout.GroupsPerPage, _scratch.Block);
            ValueTile.Widen(_element, values, _headDim, slot * KvLayout.GroupTokens, KvLayout.GroupTokens, KvLayout.GroupTokens, _scratch.Values);
        }
        if (_scratch.Bias is not null)
            BiasGroups(groups);
        if (_scratch.Record is not null)
            RecordGroups(groups);
        for (int row = 0; row < _rows; row++)
            _scratch.Factors[row] = SoftmaxKernel.Step(_scratch.Weights.AsSpan(row * KeyTile.Tokens, KeyTile.Tokens), 0, tokens, ref _scratch.Maxima[row], ref _scratch.Denominators[row]);
        ValueKernel.Accumulate(_scratch.Weights, _scratch.Values, _scratch.Factors, _rows, tokens, _stride, _scratch.Sums);
    }

    private void BiasGroups(ReadOnlySpan<int> groups)
    {
        for (int row = 0; row < _rows; row++)
        {
            for (int slot = 0; slot < groups.Length; slot++)
                _scratch.Bias!.Apply(row, groups[slot] * KvLayout.GroupTokens, _scratch.Weights.AsSpan((row * KeyTile.Tokens) + (slot * KvLayout.GroupTokens), KvLayout.GroupTokens));
        }
    }

    private void RecordGroups(ReadOnlySpan<int> groups)
    {
        for (int row = _scratch.Record!.FirstRow; row < _rows; row++)
        {
            for (int slot = 0; slot < groups.Length; slot++)
                _scratch.Record.Add(row, groups[slot] * KvLayout.GroupTokens, _scratch.Weights.AsSpan((row * KeyTile.Tokens) + (slot * KvLayout.GroupTokens), KvLayout.GroupTokens));
        }
    }
}
