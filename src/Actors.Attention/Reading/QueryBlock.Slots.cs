using System.Numerics.Tensors;
using Actors.Kernels;

namespace Actors.Attention;

/// <content>Slots of an associative memory.</content>
internal readonly ref partial struct QueryBlock
{
    /// <summary>Turns each query by its place in its block and some tokens more, for keys that are turned by their places in theirs.</summary>
    /// <param name="tokens">Tokens from the start of the keys' block to the start of the query's.</param>
    /// <param name="blockTokens">Tokens of a block.</param>
    public void RotateBehind(int tokens, int blockTokens)
    {
        RotaryTables tables = _rope.Tables;
        for (int row = 0; row < _rows; row++)
        {
            int at = tokens + (Position(row) % blockTokens);
            Span<float> rotated = _scratch.Rotated.AsSpan(row * _headDim, _headDim);
            tables.RotateInSegment(Query(row), at, rotated);
            tables.RotateSegments(rotated, at / RotaryTables.SegmentTokens, rotated);
        }
    }

    /// <summary>Reads slots, each row those that its token may see, in one softmax, and merges them into the result. The queries are in the space of the slots' keys.</summary>
    /// <param name="slots">What the block's tokens retrieved.</param>
    /// <param name="weight">What a slot counts for.</param>
    public void ReadSlots(RetrievedSlots slots, CamelotWeight weight)
    {
        int seen = slots.Visible(_firstPosition + Tokens - 1);
        if (seen == 0)
            return;
        ReadOnlySpan<float> logWeights = weight == CamelotWeight.Retrieved ? LogMultiplicities(slots, seen) : [];
        long pairs = 0;
        Begin();
        for (int i = 0; i < seen; i += KeyTile.Tokens)
        {
            int count = Math.Min(KeyTile.Tokens, seen - i);
            for (int slot = 0; slot < count; slot++)
            {
                PutKey(slots.Keys.Slice((i + slot) * _headDim, _headDim), slot);
                PutValue(slots.Values.Slice((i + slot) * _headDim, _headDim), slot);
            }
            if (count % 2 != 0)
                _scratch.Values.AsSpan(count * _stride, _stride).Clear(); // the kernel takes tokens in pairs
            ScoreKernel.Score(_scratch.Rotated, _scratch.Keys, _rows, _headDim, _scratch.Weights);
            for (int row = 0; row < _rows; row++)
            {
                int token = row / _groupSize, visible = Math.Clamp(slots.Visible(_firstPosition + token) - i, 0, count);
                Span<float> scores = _scratch.Weights.AsSpan(row * KeyTile.Tokens, KeyTile.Tokens);
                if (weight == CamelotWeight.Count)
                    TensorPrimitives.Add(scores[..visible], slots.LogCounts.Slice(i, visible), scores[..visible]);
                else if (weight == CamelotWeight.Retrieved)
                    TensorPrimitives.Add(scores[..visible], logWeights.Slice((token * seen) + i, visible), scores[..visible]);
                _scratch.Record?.Add(row, ReadRecord.Summary, scores[..visible]);
                _scratch.Factors[row] = SoftmaxKernel.Step(scores, 0, visible, ref _scratch.Maxima[row], ref _scratch.Denominators[row]);
                pairs += visible;
            }
            ValueKernel.Accumulate(_scratch.Weights, _scratch.Values, _scratch.Factors, _rows, count, _stride, _scratch.Sums);
        }
        Finish();
        Count(pairs, 0);
    }

    // [tokens, seen]: how many tokens up to each of the block retrieved each slot.
    private ReadOnlySpan<float> LogMultiplicities(RetrievedSlots slots, int seen)
    {
        if (_scratch.SlotTokens.Length < seen)
            _scratch.SlotTokens = new int[seen];
        if (_scratch.SlotWeights.Length < Tokens * seen)
            _scratch.SlotWeights = new float[Tokens * seen];
        Span<int> tokens = _scratch.SlotTokens.AsSpan(0, seen);
        tokens.Clear();
        for (int token = slots.First; token < _firstPosition + Tokens; token++)
        {
            tokens[slots.Entry(token)]++;
            for (int entry = 0; entry < seen && token >= _firstPosition; entry++)
                _scratch.SlotWeights[((token - _firstPosition) * seen) + entry] = MathF.Log(Math.Max(tokens[entry], 1));
        }
        return _scratch.SlotWeights.AsSpan(0, Tokens * seen);
    }
}
