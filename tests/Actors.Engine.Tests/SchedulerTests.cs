namespace Actors.Engine.Tests;

public class SchedulerTests
{
    [Theory]
    [InlineData(0, 40, 64, 40)]
    [InlineData(0, 64, 64, 64)]
    [InlineData(0, 65, 64, 64)]
    [InlineData(0, 1000, 512, 512)]
    [InlineData(0, 1000, 500, 448)]
    [InlineData(10, 1000, 64, 54)]
    [InlineData(100, 1000, 512, 476)]
    [InlineData(0, 1000, 63, 0)]
    [InlineData(60, 1000, 4, 4)]
    public void ChunkRows_Free_GoesToTheEndOrAPageBoundary(int first, int end, int limit, int expected) =>
        Assert.Equal(expected, Scheduler.ChunkRows(first, end, limit, strict: false));

    [Theory]
    [InlineData(0, 150, 512, 128)]
    [InlineData(128, 150, 512, 22)]
    [InlineData(100, 500, 512, 28)]
    [InlineData(128, 500, 512, 320)]
    [InlineData(128, 500, 130, 128)]
    [InlineData(128, 150, 21, 0)]
    [InlineData(100, 110, 512, 10)]
    [InlineData(64, 120, 512, 32)]
    [InlineData(96, 120, 512, 24)]
    [InlineData(70, 110, 512, 32)]
    [InlineData(70, 140, 512, 58)]
    public void ChunkRows_Strict_IsWholePagesOrPartOfOne(int first, int end, int limit, int expected) =>
        Assert.Equal(expected, Scheduler.ChunkRows(first, end, limit, strict: true));
}
