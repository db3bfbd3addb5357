using System.Runtime.InteropServices;
using Actors.Testing.KvCache;

namespace Actors.KvCache.Tests;

public class PageRowsTests
{
    [Theory]
    [InlineData(KvFormat.Float16)]
    [InlineData(KvFormat.BFloat16)]
    [InlineData(KvFormat.Float32)]
    public void Convert_EveryLength_RoundsAsTheScalarDoes(KvFormat format)
    {
        var random = new Random(11);
        int elementBytes = format == KvFormat.Float32 ? 4 : 2;
        for (int length = 0; length <= 257; length++)
        {
            var row = new float[length];
            for (int i = 0; i < length; i++) row[i] = (float)((random.NextDouble() - 0.5) * Math.Pow(2, random.Next(-28, 16)));
            var bytes = new byte[length * elementBytes];
            Assert.Null(PageRows.Convert(row, format, bytes));
            var layout = new KvLayout(1, 1, 2, format);
            for (int i = 0; i < length; i++) Assert.Equal(KvOracle.Round(format, row[i]), KvOracle.Read(layout, bytes, 0, i));
        }
    }

    [Theory]
    [InlineData(KvFormat.Float16, float.NaN)]
    [InlineData(KvFormat.Float16, float.PositiveInfinity)]
    [InlineData(KvFormat.Float16, 65520f)]
    [InlineData(KvFormat.BFloat16, float.NaN)]
    [InlineData(KvFormat.BFloat16, float.NegativeInfinity)]
    [InlineData(KvFormat.BFloat16, float.MaxValue)]
    [InlineData(KvFormat.Float32, float.NaN)]
    [InlineData(KvFormat.Float32, float.NegativeInfinity)]
    public void Convert_ElementTheFormatCannotHold_IsFoundAtEveryPlace(KvFormat format, float bad)
    {
        for (int place = 0; place < 70; place++)
        {
            var row = new float[70];
            row[place] = bad;
            Assert.Equal(place, PageRows.Convert(row, format, new byte[70 * 4]));
        }
    }

    [Fact]
    public void Convert_LargestFiniteElement_IsHeld()
    {
        Assert.Null(PageRows.Convert([65504f, -65504f], KvFormat.Float16, new byte[4]));
        Assert.Null(PageRows.Convert([float.MaxValue, -float.MaxValue], KvFormat.Float32, new byte[8]));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(33)]
    [InlineData(128)]
    public void ExtendBounds_RandomHalves_AreMinAndMax(int headDim)
    {
        var random = new Random(5);
        var bounds = new short[2 * headDim];
        var keys = new List<Half[]>();
        for (int token = 0; token < 16; token++)
        {
            var key = new Half[headDim];
            for (int i = 0; i < headDim; i++) key[i] = (Half)((random.NextDouble() - 0.5) * 100);
            key[0] = token % 2 == 0 ? -Half.Zero : Half.Zero;
            keys.Add(key);
            PageRows.ExtendBounds(MemoryMarshal.Cast<Half, short>(key.AsSpan()), bounds, token == 0);
            for (int i = 0; i < headDim; i++)
            {
                Assert.Equal(keys.Min(k => k[i]), BitConverter.Int16BitsToHalf(bounds[i]));
                Assert.Equal(keys.Max(k => k[i]), BitConverter.Int16BitsToHalf(bounds[headDim + i]));
            }
        }

        var group = new short[headDim * KvLayout.GroupTokens];
        for (int token = 0; token < 16; token++) PageRows.StoreKey<short>(MemoryMarshal.Cast<Half, short>(keys[token].AsSpan()), group, token);
        var computed = new short[2 * headDim];
        PageRows.ComputeBounds<short>(group, 16, computed);
        Assert.Equal(bounds, computed);
    }
}
