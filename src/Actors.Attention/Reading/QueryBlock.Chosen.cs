using System.Runtime.Intrinsics;
using Actors.Kernels;
using Actors.KvCache;

namespace Actors.Attention;

/// <content>Chosen groups where a view places them, and single keys packed once for many blocks.</content>
internal readonly ref partial struct QueryBlock
{
    /// <summary>Reads whole groups where a view places them, in one softmax, and merges them into the result. Follows <see cref="Rotate"/>.</summary>
    /// <param name="groups">16-token groups, all before the block, ascending.</param>
    /// <param name="without">By group, one bit per token that is left out, because it is read elsewhere; empty for none.</param>
    /// <param name="view">The view given to <see cref="Rotate"/>.</param>
    public void ReadGroups(ReadOnlySpan<int> groups, ReadOnlySpan<ushort> without, AttentionView view)
    {
        if (groups.IsEmpty)
            return;
        Begin();
        for (int i = 0; i < groups.Length; i += 4)
        {
            ReadOnlySpan<int> tile = groups.Slice(i, Math.Min(4, groups.Length - i));
            LoadPlaced(tile, view);
            ScoreKernel.Score(_scratch.Rotated, _scratch.Keys, _rows, _headDim, _scratch.Weights);
            for (int slot = 0; slot < tile.Length && !without.IsEmpty; slot++)
            {
                if (without[tile[slot]] != 0)
                    LeaveOut(slot, without[tile[slot]]);
            }
            Accumulate(tile);
        }
        Finish();
        Count((long)groups.Length * KvLayout.GroupTokens * _rows, groups.Length, groups.Length);
    }

    /// <summary>Gathers single keys and their values where a view places them.</summary>
    /// <param name="tokens">Tokens, ascending.</param>
    /// <param name="view">Says whether the keys are turned by their positions.</param>
    /// <param name="pack">Filled.</param>
    public void Pack(ReadOnlySpan<int> tokens, AttentionView view, KeyPack pack)
    {
        pack.Reset(tokens, _headDim, _stride);
        int keyFloats = _headDim * KeyTile.Tokens, valueFloats = _stride * KeyTile.Tokens;
        for (int i = 0; i < tokens.Length; i += KeyTile.Tokens)
        {
            ReadOnlySpan<int> tile = tokens.Slice(i, Math.Min(KeyTile.Tokens, tokens.Length - i));
            _scratch.Keys.AsSpan(0, keyFloats).Clear(); // what lies behind the last key must be numbers
            _scratch.Values.AsSpan(0, valueFloats).Clear();
            GatherKeys(tile, view.Sinks == SinkPlacement.Constant ? [] : tile);
            GatherValues(tile);
            _scratch.Keys.AsSpan(0, keyFloats).CopyTo(pack.Keys.AsSpan(i / KeyTile.Tokens * keyFloats));
            _scratch.Values.AsSpan(0, valueFloats).CopyTo(pack.Values.AsSpan(i / KeyTile.Tokens * valueFloats));
        }
    }

    /// <summary>Reads the first keys of a pack, in one softmax, and merges them into the result. Follows <see cref="Rotate"/>.</summary>
    /// <param name="pack">Keys as the view of the block places them.</param>
    /// <param name="count">How many of its keys.</param>
    public void ReadPack(KeyPack pack, int count)
    {
        if (count == 0)
            return;
        Begin();
        int keyFloats = _headDim * KeyTile.Tokens, valueFloats = _stride * KeyTile.Tokens;
        for (int i = 0; i < count; i += KeyTile.Tokens)
        {
            int tokens = Math.Min(KeyTile.Tokens, count - i);
            ScoreKernel.Score(_scratch.Rotated, pack.Keys.AsSpan(i / KeyTile.Tokens * keyFloats), _rows, _headDim, _scratch.Weights);
            for (int row = 0; row < _rows; row++)
            {
                Span<float> scores = _scratch.Weights.AsSpan(row * KeyTile.Tokens, KeyTile.Tokens);
                _scratch.Bias?.Apply(row, pack.Tokens.Slice(i, tokens), scores[..tokens]);
                _scratch.Record?.Add(row, pack.Tokens.Slice(i, tokens), scores[..tokens]);
                _scratch.Factors[row] = SoftmaxKernel.Step(scores, 0, tokens, ref _scratch.Maxima[row], ref _scratch.Denominators[row]);
            }
            ValueKernel.Accumulate(_scratch.Weights, pack.Values.AsSpan(i / KeyTile.Tokens * valueFloats), _scratch.Factors, _rows, tokens, _stride, _scratch.Sums);
        }
        Finish();
        Count((long)count * _rows, count);
    }

    // Keys of up to four groups where a view places them.
    private void LoadPlaced(ReadOnlySpan<int> groups, AttentionView view)
    {
        if (view.Sinks == SinkPlacement.Constant)
            LoadKeys(groups);
        else
            LoadKeys(groups, groups);
    }

    private void LeaveOut(int slot, ushort tokens)
    {
        Vector512<int> bits = Vector512.Create(1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768);
        Vector512<float> kept = Vector512.Equals(Vector512.Create((int)tokens) & bits, Vector512<int>.Zero).AsSingle();
        for (int row = 0; row < _rows; row++)
        {
            Span<float> scores = _scratch.Weights.AsSpan((row * KeyTile.Tokens) + (slot * KvLayout.GroupTokens), KvLayout.GroupTokens);
            Vector512.ConditionalSelect(kept, Vector512.Create<float>(scores), Vector512.Create(float.NegativeInfinity)).CopyTo(scores);
        }
    }
}
