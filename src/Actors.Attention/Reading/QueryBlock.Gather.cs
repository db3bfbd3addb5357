using System.Numerics.Tensors;
using Actors.Kernels;
using Actors.KvCache;

namespace Actors.Attention;

/// <content>Single keys gathered from anywhere, and keys that are not in the pages. All of them use the queries as <see cref="Rotate"/> left them.</content>
internal readonly ref partial struct QueryBlock
{
    private const int FetchedAhead = 4;

    /// <summary>Turns the queries for keys outside of the window, as a view places them: un-roped keys at one distance, or keys turned by their true positions.</summary>
    public void Rotate(AttentionView view)
    {
        if (view.Sinks == SinkPlacement.Constant)
            RotateTo(view.Distance);
        else
            RotateAt(null);
    }

    /// <summary>Turns the queries by a position, for keys that are turned by theirs.</summary>
    /// <param name="position">Position of all queries, null for their own.</param>
    public void RotateAt(int? position)
    {
        RotaryTables tables = _rope.Tables;
        for (int row = 0; row < _rows; row++)
        {
            int at = position ?? Position(row);
            Span<float> rotated = _scratch.Rotated.AsSpan(row * _headDim, _headDim);
            tables.RotateInSegment(Query(row), at, rotated);
            tables.RotateSegments(rotated, at / RotaryTables.SegmentTokens, rotated);
        }
    }

    /// <summary>Reads single tokens where a view places them, in one softmax, and merges them into the result. Follows <see cref="Rotate"/>.</summary>
    /// <param name="tokens">Tokens, all before the block, best ascending: neighbours are then loaded together.</param>
    /// <param name="view">The view given to <see cref="Rotate"/>.</param>
    /// <param name="firstRow">First row that reads them.</param>
    /// <param name="rows">Rows that read them.</param>
    public void ReadTokens(ReadOnlySpan<int> tokens, AttentionView view, int firstRow, int rows)
        => ReadTokens(tokens, view.Sinks == SinkPlacement.Constant ? [] : tokens, firstRow, rows);

    /// <summary>Reads single tokens at any positions. Follows <see cref="RotateAt"/>, or <see cref="RotateTo"/> for un-roped keys.</summary>
    /// <param name="tokens">Tokens, all before the block.</param>
    /// <param name="positions">Position of each token's key; empty reads them un-roped.</param>
    /// <param name="firstRow">First row that reads them.</param>
    /// <param name="rows">Rows that read them.</param>
    public void ReadTokens(ReadOnlySpan<int> tokens, ReadOnlySpan<int> positions, int firstRow, int rows)
    {
        if (tokens.IsEmpty)
            return;
        Begin();
        for (int i = 0; i < tokens.Length; i += KeyTile.Tokens)
        {
            int count = Math.Min(KeyTile.Tokens, tokens.Length - i);
            FetchValues(tokens.Slice(i, count)); // they arrive while the keys are gathered
            GatherKeys(tokens.Slice(i, count), positions.IsEmpty ? [] : positions.Slice(i, count));
            GatherValues(tokens.Slice(i, count));
            ScoreTile(count, firstRow, rows, []);
            Accumulate(count, firstRow, rows, tokens.Slice(i, count));
        }
        Finish();
        Count((long)tokens.Length * rows, tokens.Length);
    }

    /// <summary>Reads single tokens whose scores an index has computed already, so that their keys need not be gathered, in one softmax, and merges them into a row's result.</summary>
    /// <param name="tokens">Tokens, all before the block.</param>
    /// <param name="scores">[tokens], products of <see cref="Rotated"/> and the keys.</param>
    /// <param name="row">The row.</param>
    public void ReadFound(ReadOnlySpan<int> tokens, ReadOnlySpan<float> scores, int row)
    {
        if (tokens.IsEmpty)
            return;
        Begin();
        FetchValues(tokens[..Math.Min(KeyTile.Tokens, tokens.Length)]);
        for (int i = 0; i < tokens.Length; i += KeyTile.Tokens)
        {
            ReadOnlySpan<int> tile = tokens.Slice(i, Math.Min(KeyTile.Tokens, tokens.Length - i));
            FetchValues(tokens.Slice(i + tile.Length, Math.Min(KeyTile.Tokens, tokens.Length - i - tile.Length)));
            GatherValues(tile);
            scores.Slice(i, tile.Length).CopyTo(_scratch.Weights);
            Accumulate(tile.Length, row, 1, tile);
        }
        Finish();
        Count(tokens.Length, tokens.Length);
    }

    /// <summary>
    /// Reads keys and values that are not in the pages (centroids, means, slots of a memory), in one softmax, and merges them into the result. Follows <see cref="Rotate"/>, whose
    /// space the keys are in.
    /// </summary>
    /// <param name="keys">[n, headDim].</param>
    /// <param name="values">[n, headDim], means of what each key stands for.</param>
    /// <param name="logWeights">[n], added to the scores: the natural logarithm of how many keys each stands for; empty for one.</param>
    /// <param name="firstRow">First row that reads them.</param>
    /// <param name="rows">Rows that read them.</param>
    public void ReadVectors(ReadOnlySpan<float> keys, ReadOnlySpan<float> values, ReadOnlySpan<float> logWeights, int firstRow, int rows)
    {
        int total = keys.Length / _headDim;
        if (_layer != _valueLayer)
            throw new InvalidOperationException("A policy that keeps values of its own cannot weigh those of another layer; its KeepsValues must say so.");
        if (total == 0)
            return;
        Begin();
        for (int i = 0; i < total; i += KeyTile.Tokens)
        {
            int count = Math.Min(KeyTile.Tokens, total - i);
            for (int slot = 0; slot < count; slot++)
            {
                PutKey(keys.Slice((i + slot) * _headDim, _headDim), slot);
                PutValue(values.Slice((i + slot) * _headDim, _headDim), slot);
            }
            ScoreTile(count, firstRow, rows, logWeights.IsEmpty ? [] : logWeights.Slice(i, count));
            Accumulate(count, firstRow, rows, []);
        }
        Finish();
        Count((long)total * rows, 0);
    }

    private void GatherKeys(ReadOnlySpan<int> tokens, ReadOnlySpan<int> positions)
    {
        RotaryTables tables = _rope.Tables;
        Span<float> row = _scratch.Row.AsSpan(0, _headDim);
        int read = -1;
        ReadOnlySpan<byte> keys = default;
        for (int slot = 0; slot < tokens.Length; slot++)
        {
            int group = tokens[slot] / KvLayout.GroupTokens;
            if (slot + FetchedAhead < tokens.Length)
                FetchKeys(tokens[slot + FetchedAhead]);
            if (group != read)
            {
                keys = _table.Keys(group / KvLayout.GroupsPerPage, _layer, _head, group % KvLayout.GroupsPerPage, _scratch.Block);
                read = group;
            }
            StoredElements.ReadLane(_layout.Format, keys, tokens[slot] % KvLayout.GroupTokens, row);
            if (!positions.IsEmpty)
            {
                tables.RotateInSegment(row, positions[slot], row);
                tables.RotateSegments(row, positions[slot] / RotaryTables.SegmentTokens, row);
            }
            PutKey(row, slot);
        }
    }

    private void GatherValues(ReadOnlySpan<int> tokens)
    {
        int elementBytes = _layout.ElementBytes, rowBytes = _headDim * elementBytes, loaded = -1;
        ReadOnlySpan<byte> values = default;
        for (int slot = 0; slot < tokens.Length; slot++)
        {
            int group = tokens[slot] / KvLayout.GroupTokens;
            if (group != loaded)
            {
                values = _table.Values(group / KvLayout.GroupsPerPage, _valueLayer, _head, group % KvLayout.GroupsPerPage, _scratch.Block);
                loaded = group;
            }
            ValueTile.Widen(_element, values.Slice(tokens[slot] % KvLayout.GroupTokens * rowBytes, rowBytes), _headDim, slot, 1, 1, _scratch.Values);
        }
    }

    private void PutKey(ReadOnlySpan<float> key, int slot)
    {
        Span<float> keys = _scratch.Keys;
        for (int i = 0; i < key.Length; i++)
            keys[(i * KeyTile.Tokens) + slot] = key[i];
    }

    private void PutValue(ReadOnlySpan<float> value, int slot)
    {
        Span<float> row = _scratch.Values.AsSpan(slot * _stride, _stride);
        value.CopyTo(row);
        row[_headDim..].Clear();
    }

    // Scattered keys lie beyond the reach of the hardware's guesses.
    private void FetchKeys(int token)
    {
        int page = token / KvLayout.PageTokens;
        if (_table.IsResident(page))
            CacheHint.Fetch(_table.Page(page).Slice(_layout.KeysOffset(_layer, _head, token % KvLayout.PageTokens / KvLayout.GroupTokens), KvLayout.GroupTokens * _headDim * _layout.ElementBytes));
    }

    private void FetchValues(ReadOnlySpan<int> tokens)
    {
        int rowBytes = _headDim * _layout.ElementBytes;
        foreach (int token in tokens)
        {
            int page = token / KvLayout.PageTokens;
            if (_table.IsResident(page))
                CacheHint.Fetch(_table.Page(page).Slice(_layout.ValuesOffset(_valueLayer, _head) + (token % KvLayout.PageTokens * rowBytes), rowBytes));
        }
    }

    // Scores of the first slots of the key tile.
    private void ScoreTile(int count, int firstRow, int rows, ReadOnlySpan<float> logWeights)
    {
        ScoreKernel.Score(_scratch.Rotated.AsSpan(firstRow * _headDim), _scratch.Keys, rows, _headDim, _scratch.Weights);
        for (int i = 0; i < rows && !logWeights.IsEmpty; i++)
        {
            Span<float> scores = _scratch.Weights.AsSpan(i * KeyTile.Tokens, count);
            TensorPrimitives.Add(scores, logWeights, scores);
        }
    }

    // Scores and values of the first slots of the tile are there; they are of the given tokens, or of none in the pages.
    private void Accumulate(int count, int firstRow, int rows, ReadOnlySpan<int> tokens)
    {
        if (count % 2 != 0)
            _scratch.Values.AsSpan(count * _stride, _stride).Clear(); // the kernel takes tokens in pairs
        for (int i = 0; i < rows; i++)
        {
            int row = firstRow + i;
            Span<float> scores = _scratch.Weights.AsSpan(i * KeyTile.Tokens, KeyTile.Tokens);
            if (tokens.IsEmpty)
                _scratch.Record?.Add(row, ReadRecord.Summary, scores[..count]);
            else
            {
                _scratch.Bias?.Apply(row, tokens, scores[..count]);
                _scratch.Record?.Add(row, tokens, scores[..count]);
            }
            _scratch.Factors[i] = SoftmaxKernel.Step(scores, 0, count, ref _scratch.Maxima[row], ref _scratch.Denominators[row]);
        }
        ValueKernel.Accumulate(_scratch.Weights, _scratch.Values, _scratch.Factors, rows, count, _stride, _scratch.Sums.AsSpan(firstRow * _stride));
    }
}
