namespace Actors.Kernels.Tests;

public sealed unsafe class PackedRowsTests
{
    [Theory]
    [InlineData(192)]
    [InlineData(1024)]
    [InlineData(2048)]
    [InlineData(8192)]
    public void Stride_OfAnyModelSize_IsNoMultipleOf128Bytes(int columns)
    {
        using var rows = new PackedRows(2, columns);
        Assert.NotEqual(0, rows.Stride * sizeof(float) % 128);
        Assert.Equal(0, rows.Stride * sizeof(float) % 64);
    }

    [Fact]
    public void PackPart_InParts_EqualsPackAtOnce()
    {
        float[] values = [.. Enumerable.Range(1, 100).Select(i => (float)i)];
        using var whole = new PackedRows(2, 100);
        using var parts = new PackedRows(2, 100);
        whole.Pack(1, values);
        parts.PackPart(1, 64, values.AsSpan(64));
        parts.PackPart(1, 0, values.AsSpan(0, 64));
        Assert.True(new Span<float>(whole.Data + whole.Stride, 128).SequenceEqual(new Span<float>(parts.Data + parts.Stride, 128)));
        Assert.Equal(values.Sum(), new Span<float>(whole.Data + whole.Stride, 128).ToArray().Sum());
    }

    [Fact]
    public void PackPart_NotAPart_Throws()
    {
        using var rows = new PackedRows(1, 100);
        Assert.Throws<ArgumentOutOfRangeException>(() => rows.PackPart(0, 16, new float[32]));
        Assert.Throws<ArgumentOutOfRangeException>(() => rows.PackPart(0, 0, new float[33]));
        Assert.Throws<ArgumentOutOfRangeException>(() => rows.PackPart(0, 96, new float[5]));
        Assert.Throws<ArgumentOutOfRangeException>(() => rows.PackPart(1, 0, new float[100]));
        Assert.Throws<ArgumentException>(() => rows.Pack(0, new float[99]));
    }

    [Fact]
    public void Pack_AfterDispose_Throws()
    {
        var rows = new PackedRows(1, 4);
        rows.Dispose();
        Assert.Throws<ObjectDisposedException>(() => rows.Pack(0, new float[4]));
    }
}
