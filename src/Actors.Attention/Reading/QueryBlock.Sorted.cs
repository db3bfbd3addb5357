using Actors.Kernels;
using Actors.KvCache;

namespace Actors.Attention;

/// <content>Keys and queries sorted by the directions in which they point.</content>
internal readonly ref partial struct QueryBlock
{
    /// <summary>
    /// Sorts keys and rows by hash and lets each row read the keys at its place of the order exactly, and a sample of the others in their stead. The result is complete, in the
    /// order of the rows; the turned queries are not, afterwards. Follows <see cref="Rotate"/>.
    /// </summary>
    /// <param name="keys">Reset to the keys; its samples are packed.</param>
    /// <param name="hash">The hash.</param>
    /// <param name="view">The view given to <see cref="Rotate"/>.</param>
    public void ReadSorted(SortedKeys keys, AngularHash hash, AttentionView view)
    {
        HashKeys(keys, hash, view);
        keys.SortKeys();
        int tokens = Tokens;
        for (int row = 0; row < _rows; row++)
            keys.Buckets[(row % _groupSize * tokens) + (row / _groupSize)] = (byte)hash.Bucket(Rotated(row));
        keys.SortRows(tokens, _groupSize);
        Span<float> turned = _scratch.InSegment.AsSpan(0, _rows * _headDim); // of no use to keys at their own positions
        _scratch.Rotated.AsSpan(0, _rows * _headDim).CopyTo(turned);
        for (int i = 0; i < _rows; i++)
            turned.Slice(keys.Rows[i] * _headDim, _headDim).CopyTo(_scratch.Rotated.AsSpan(i * _headDim, _headDim));

        Begin();
        long pairs = 0;
        int blocks = keys.Blocks;
        for (int block = 0; block < blocks; block++)
        {
            int from = (int)((long)tokens * block / blocks), rows = (int)((long)tokens * (block + 1) / blocks) - from;
            if (rows == 0)
                continue;
            ReadOnlySpan<int> own = keys.Tokens[(block * keys.BlockTokens)..Math.Min((block + 1) * keys.BlockTokens, keys.Count)];
            for (int i = 0; i < own.Length; i += KeyTile.Tokens)
            {
                ReadOnlySpan<int> tile = own.Slice(i, Math.Min(KeyTile.Tokens, own.Length - i));
                GatherKeys(tile, view.Sinks == SinkPlacement.Constant ? [] : tile);
                GatherValues(tile);
                AccumulateHeads(tile.Length, from, rows, []);
            }
            ReadSamples(keys, block, from, rows);
            pairs += (long)(own.Length + keys.Samples.Count) * rows * _groupSize;
        }
        Finish();
        Count(pairs, keys.Count / KvLayout.PageTokens);
        _scratch.Counts.Scored += keys.Count;
        Unsort(keys);
    }

    // Seven planes against all keys.
    private void HashKeys(SortedKeys keys, AngularHash hash, AttentionView view)
    {
        Span<int> groups = stackalloc int[4];
        for (int i = 0; i < keys.Count; i += KeyTile.Tokens)
        {
            int count = Math.Min(4, (keys.Count - i) / KvLayout.GroupTokens);
            for (int slot = 0; slot < count; slot++)
                groups[slot] = ((keys.First + i) / KvLayout.GroupTokens) + slot;
            LoadPlaced(groups[..count], view);
            Span<float> sides = _scratch.Weights.AsSpan(0, AngularHash.Planes * KeyTile.Tokens);
            ScoreKernel.Score(hash.Normals, _scratch.Keys, AngularHash.Planes, _headDim, sides);
            for (int token = 0; token < count * KvLayout.GroupTokens; token++)
            {
                int pattern = 0;
                for (int plane = 0; plane < AngularHash.Planes; plane++)
                    pattern |= sides[(plane * KeyTile.Tokens) + token] > 0 ? 1 << plane : 0;
                keys.Buckets[i + token] = (byte)AngularHash.Place(pattern);
            }
        }
    }

    // Each sample stands for as many keys as it was drawn from, but those of the block itself were read.
    private void ReadSamples(SortedKeys keys, int block, int from, int rows)
    {
        KeyPack samples = keys.Samples;
        Span<float> logWeights = stackalloc float[KeyTile.Tokens];
        int keyFloats = _headDim * KeyTile.Tokens, valueFloats = _stride * KeyTile.Tokens;
        for (int i = 0; i < samples.Count; i += KeyTile.Tokens)
        {
            int count = Math.Min(KeyTile.Tokens, samples.Count - i);
            for (int slot = 0; slot < count; slot++)
                logWeights[slot] = keys.BlockOf(samples.Tokens[i + slot]) == block ? float.NegativeInfinity : MathF.Log((float)keys.Count / samples.Count);
            samples.Keys.AsSpan(i / KeyTile.Tokens * keyFloats, keyFloats).CopyTo(_scratch.Keys);
            samples.Values.AsSpan(i / KeyTile.Tokens * valueFloats, valueFloats).CopyTo(_scratch.Values);
            AccumulateHeads(count, from, rows, logWeights[..count]);
        }
    }

    private void AccumulateHeads(int count, int from, int rows, ReadOnlySpan<float> logWeights)
    {
        for (int head = 0; head < _groupSize; head++)
        {
            int firstRow = (head * Tokens) + from;
            ScoreTile(count, firstRow, rows, logWeights);
            Accumulate(count, firstRow, rows, []);
        }
    }

    private void Unsort(SortedKeys keys)
    {
        int partial = _headDim + 1;
        Span<float> results = keys.Partials(_rows * partial);
        for (int i = 0; i < _rows; i++)
        {
            Span<float> target = results.Slice(keys.Rows[i] * partial, partial);
            _scratch.TotalSums.AsSpan(i * _stride, _headDim).CopyTo(target);
            target[_headDim] = _scratch.TotalLse[i];
        }
        Clear();
        MergePartial(results);
    }
}
