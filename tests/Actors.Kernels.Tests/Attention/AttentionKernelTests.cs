namespace Actors.Kernels.Tests.Attention;

/// <summary>The kernels against scalar double references.</summary>
public sealed class AttentionKernelTests
{
    public static TheoryData<KvElement, int> Elements
    {
        get
        {
            TheoryData<KvElement, int> data = [];
            foreach (KvElement element in Enum.GetValues<KvElement>())
            {
                foreach (int headDim in (int[])[2, 16, 24, 32, 64, 80, 128])
                    data.Add(element, headDim);
            }
            return data;
        }
    }

    [Theory, MemberData(nameof(Elements))]
    public void Widen_EveryElementType_IsExact(KvElement element, int headDim)
    {
        (byte[] bytes, float[] exact) = Stored(element, headDim * 16, seed: 1);
        float[] tile = new float[headDim * KeyTile.Tokens];
        KeyTile.Widen(element, bytes, headDim, 2, tile);
        for (int i = 0; i < headDim; i++)
            Assert.Equal(exact.AsSpan(i * 16, 16), tile.AsSpan((i * KeyTile.Tokens) + 32, 16));
        float[] values = new float[KeyTile.Tokens * ValueTile.Stride(headDim)];
        values.AsSpan().Fill(float.NaN);
        ValueTile.Widen(element, bytes, headDim, 3, 16, 20, values);
        int stride = ValueTile.Stride(headDim);
        for (int row = 0; row < 16; row++)
        {
            Assert.Equal(exact.AsSpan(row * headDim, headDim), values.AsSpan((row + 3) * stride, headDim));
            Assert.All(values[(((row + 3) * stride) + headDim)..((row + 4) * stride)], value => Assert.Equal(0, value));
        }
        Assert.All(values[(19 * stride)..(23 * stride)], value => Assert.Equal(0, value));
        Assert.True(float.IsNaN(values[2 * stride]) && float.IsNaN(values[23 * stride]));
    }

    [Fact]
    public void Widen_AllFiniteHalves_EqualTheirValue()
    {
        for (int start = 0; start < 65536; start += 32)
        {
            Half[] halves = [.. Enumerable.Range(start, 32).Select(bits => BitConverter.UInt16BitsToHalf((ushort)bits))];
            if (halves.Any(half => !Half.IsFinite(half)))
                continue;
            float[] tile = new float[2 * KeyTile.Tokens];
            KeyTile.Widen(KvElement.Float16, System.Runtime.InteropServices.MemoryMarshal.AsBytes<Half>(halves), 2, 0, tile);
            for (int i = 0; i < 32; i++)
                Assert.Equal((float)halves[i], tile[(i / 16 * KeyTile.Tokens) + (i % 16)]);
        }
    }

    [Theory, MemberData(nameof(Elements))]
    public void WidenRotated_EqualsRotatingEachKey(KvElement element, int headDim)
    {
        RotaryEmbedding rope = new([.. Enumerable.Range(0, headDim / 2).Select(i => Math.Pow(10000, -2.0 * i / headDim))], 1.3f);
        (byte[] bytes, float[] exact) = Stored(element, headDim * 16, seed: 2);
        float[] tile = new float[headDim * KeyTile.Tokens], cos = new float[headDim / 2], sin = new float[headDim / 2];
        KeyTile.WidenRotated(element, bytes, headDim, 1, rope.Tables.KeyCos(5), rope.Tables.KeySin(5), tile);
        for (int token = 0; token < 16; token++)
        {
            float[] row = [.. Enumerable.Range(0, headDim).Select(i => exact[(i * 16) + token])];
            rope.Fill((5 * 16) + token, cos, sin);
            RotaryEmbedding.Rotate(row, cos, sin);
            for (int i = 0; i < headDim; i++)
                Assert.Equal(row[i], tile[(i * KeyTile.Tokens) + 16 + token], 1e-5f);
        }
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(3, 32)]
    [InlineData(7, 24)]
    [InlineData(96, 128)]
    public void Score_EqualsReferenceAndDoesNotDependOnRows(int rows, int headDim)
    {
        float[] queries = Uniform(rows * headDim, 3), tile = Uniform(headDim * KeyTile.Tokens, 4), scores = new float[rows * KeyTile.Tokens], alone = new float[KeyTile.Tokens];
        ScoreKernel.Score(queries, tile, rows, headDim, scores);
        for (int row = 0; row < rows; row++)
        {
            for (int t = 0; t < KeyTile.Tokens; t++)
            {
                double expected = Enumerable.Range(0, headDim).Sum(i => (double)queries[(row * headDim) + i] * tile[(i * KeyTile.Tokens) + t]);
                Assert.Equal(expected, scores[(row * KeyTile.Tokens) + t], headDim * 1e-6);
            }
            ScoreKernel.Score(queries.AsSpan(row * headDim), tile, 1, headDim, alone);
            Assert.Equal(alone, scores.AsSpan(row * KeyTile.Tokens, KeyTile.Tokens));
        }
    }

    [Theory]
    [InlineData(1, 64, 16)]
    [InlineData(3, 64, 32)]
    [InlineData(6, 17, 48)]
    [InlineData(96, 50, 128)]
    public void Accumulate_EqualsReferenceAndDoesNotDependOnRows(int rows, int tokens, int stride)
    {
        float[] weights = Uniform(rows * KeyTile.Tokens, 5), values = Uniform(KeyTile.Tokens * stride, 6), factors = Uniform(rows, 7), sums = Uniform(rows * stride, 8);
        values.AsSpan(tokens * stride).Clear();
        float[] before = [.. sums], alone = [.. sums];
        ValueKernel.Accumulate(weights, values, factors, rows, tokens, stride, sums);
        for (int row = 0; row < rows; row++)
        {
            ValueKernel.Accumulate(weights.AsSpan(row * KeyTile.Tokens), values, factors.AsSpan(row), 1, tokens, stride, alone.AsSpan(row * stride));
            for (int i = 0; i < stride; i++)
            {
                double expected = (before[(row * stride) + i] * (double)factors[row]) + Enumerable.Range(0, tokens).Sum(t => (double)weights[(row * KeyTile.Tokens) + t] * values[(t * stride) + i]);
                Assert.Equal(expected, sums[(row * stride) + i], 1e-5);
            }
        }
        Assert.Equal(alone, sums);
    }

    [Fact]
    public void Step_OverManyTiles_GivesTheSoftmaxOfVisibleScores()
    {
        for (int seed = 0; seed < 50; seed++)
        {
            Random random = new(seed);
            float maximum = float.NegativeInfinity, sum = 0;
            double kept = 0, top = double.NegativeInfinity, expected = 0;
            List<double> visible = [];
            for (int tile = 0; tile < 4; tile++)
            {
                float[] scores = Uniform(KeyTile.Tokens, (seed * 4) + tile, 30);
                int first = random.Next(65), end = random.Next(first, 65);
                float[] weights = [.. scores];
                float factor = SoftmaxKernel.Step(weights, first, end, ref maximum, ref sum);
                visible.AddRange(scores[first..end].Select(score => (double)score));
                kept = (kept * factor) + weights.Sum(weight => (double)weight);
                Assert.All(weights[..first].Concat(weights[end..]), weight => Assert.Equal(0, weight));
            }
            if (visible.Count == 0)
            {
                Assert.Equal(0, sum);
                continue;
            }
            top = visible.Max();
            expected = visible.Sum(score => Math.Exp(score - top));
            Assert.Equal((float)top, maximum);
            Assert.Equal(expected, sum, expected * 1e-5);
            Assert.Equal(expected, kept, expected * 1e-5);
        }
    }

    [Fact]
    public void Exponential_OverItsRange_IsAccurate()
    {
        for (float x = -87; x <= 0; x += 0.0137f)
            Assert.Equal(Math.Exp(x), Exponential.Of(x), Math.Exp(x) * 3e-7);
        Assert.Equal(1f, Exponential.Of(0f));
        Assert.Equal(0f, Exponential.Of(-88f));
        Assert.Equal(0f, Exponential.Of(float.NegativeInfinity));
    }

    [Theory]
    [InlineData(2, 1)]
    [InlineData(24, 2)]
    [InlineData(32, 3)]
    [InlineData(128, 7)]
    public void BoundsScore_EqualsTheFormula(int headDim, int rows)
    {
        sbyte[] block = new sbyte[BoundsKernel.BlockBytes(headDim)];
        new Random(9).NextBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(block.AsSpan()));
        float[] queries = Uniform(rows * headDim, 10), steps = [.. Uniform(headDim, 12).Select(MathF.Abs)], units = new float[rows], offsets = Uniform(rows, 11), result = new float[16];
        byte[] rounded = new byte[2 * rows * headDim];
        for (int row = 0; row < rows; row++)
            units[row] = BoundsKernel.Round(queries.AsSpan(row * headDim, headDim), steps, rounded.AsSpan(2 * row * headDim));
        BoundsKernel.Score(block, rounded, units, offsets, headDim, result);
        for (int group = 0; group < 16; group++)
        {
            double expected = Enumerable.Range(0, rows).Max(row => Enumerable.Range(0, headDim).Sum(i =>
            {
                double q = queries[(row * headDim) + i], high = block[BoundsKernel.Offset(group, i, 0)] * (double)steps[i], low = -block[BoundsKernel.Offset(group, i, 1)] * (double)steps[i];
                return q > 0 ? q * high : q * low;
            }) - offsets[row]);
            Assert.Equal(expected, result[group], headDim * 127 * units.Max() * 0.51);
        }
    }

    [Fact]
    public void BoundsScore_OfIntegers_EqualsTheScalarReferenceExactly()
    {
        foreach (int headDim in (int[])[2, 6, 16, 64])
        {
            sbyte[] block = new sbyte[BoundsKernel.BlockBytes(headDim)];
            new Random(headDim).NextBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(block.AsSpan()));
            byte[] rounded = new byte[2 * headDim];
            float unit = BoundsKernel.Round(Uniform(headDim, 3), [.. Enumerable.Repeat(1f, headDim)], rounded);
            float[] result = new float[16];
            BoundsKernel.Score(block, rounded, [unit], [0.5f], headDim, result);
            var sums = BoundsKernel.SumScalar(ref block[0], ref rounded[0], headDim);
            for (int group = 0; group < 16; group++)
                Assert.Equal((sums[group] * unit) - 0.5f, result[group]);
        }
    }

    internal static float[] Uniform(int length, int seed, float range = 1)
    {
        Random random = new(seed);
        float[] values = new float[length];
        for (int i = 0; i < length; i++)
            values[i] = range * ((2 * random.NextSingle()) - 1);
        return values;
    }

    private static (byte[] Bytes, float[] Exact) Stored(KvElement element, int length, int seed)
    {
        float[] values = Uniform(length, seed, 4);
        if (element == KvElement.Float16)
        {
            Half[] halves = [.. values.Select(value => (Half)value)];
            return (System.Runtime.InteropServices.MemoryMarshal.AsBytes<Half>(halves).ToArray(), [.. halves.Select(half => (float)half)]);
        }
        if (element == KvElement.BFloat16)
        {
            ushort[] upper = [.. values.Select(value => (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16))];
            return (System.Runtime.InteropServices.MemoryMarshal.AsBytes<ushort>(upper).ToArray(), [.. upper.Select(bits => BitConverter.UInt32BitsToSingle((uint)bits << 16))]);
        }
        return (System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(values).ToArray(), values);
    }
}
