namespace Actors.Attention.Tests.Policies;

public sealed class AssociativeMemoryTests
{
    private const int Dim = 24;

    [Theory]
    [InlineData(1000, 0.3f)]
    [InlineData(50, 0.3f)]
    [InlineData(7, 0.5f)]
    [InlineData(130, -1f)]
    [InlineData(130, 1f)]
    public void Absorb_Blocks_EqualsAPlainMemory(int slots, float threshold)
    {
        AssociativeMemory memory = new(Dim, slots, threshold);
        SlotReference reference = new(slots, threshold);
        for (int block = 0; block < 12; block++)
            Absorb(block, memory, reference);
        Assert.Equal(reference.Slots.Count, memory.Count);
        Assert.InRange(memory.Count, 1, slots);
        float[] key = new float[Dim], value = new float[Dim];
        for (int slot = 0; slot < memory.Count; slot++)
        {
            Assert.Equal((reference.Slots[slot].Count, reference.Slots[slot].Last), (memory.Tokens(slot), memory.LastToken(slot)));
            memory.Read(slot, 0, key, value);
            for (int i = 0; i < Dim; i++)
            {
                Assert.Equal(reference.Slots[slot].Key[i], key[i], 1e-4);
                Assert.Equal(reference.Slots[slot].Value[i], value[i], 1e-4);
            }
        }
    }

    [Fact]
    public void Absorb_AllSlotsTaken_OverwritesTheStalestAndKeepsWhatIsStillMet()
    {
        AssociativeMemory memory = new(2, 2, 0.9f);
        float[] east = [1, 0], north = [0, 1], west = [-1, 0];
        memory.Absorb(0, [.. east, .. north], [.. east, .. north], [1, 1, 2, 2]);
        memory.Absorb(2, east, east, [3, 3]);
        memory.Absorb(3, west, west, [4, 4]);
        float[] key = new float[2], value = new float[2];
        memory.Read(0, 0, key, value);
        Assert.Equal([2, 2, .. east], (float[])[memory.Tokens(0), value[0], .. key]);
        memory.Read(1, 0, key, value);
        Assert.Equal([1, 4, .. west], (float[])[memory.Tokens(1), value[0], .. key]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(200)]
    public void Nearest_AnyNumberOfSlots_EqualsAPlainSearchForAnyRows(int slots)
    {
        AssociativeMemory memory = new(Dim, slots, 1);
        SlotReference reference = new(slots, 1);
        Random random = new(slots);
        float[] keys = Rows(random, slots);
        memory.Absorb(0, keys, Units(keys), keys);
        reference.Absorb(0, Doubles(keys), Doubles(keys));
        float[] queries = Units(Rows(random, 9)), cosines = new float[9], cosine = new float[1];
        int[] found = new int[9], one = new int[1];
        memory.Nearest(queries, found, cosines);
        for (int row = 0; row < 9; row++)
        {
            Assert.Equal(reference.Nearest(Doubles(queries)[row]).Slot, found[row]);
            memory.Nearest(queries.AsSpan(row * Dim, Dim), one, cosine);
            Assert.Equal((found[row], cosines[row]), (one[0], cosine[0]));
        }
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(60)]
    [InlineData(5)]
    public void TryUndo_Blocks_LeavesTheMemoryAsItWas(int slots)
    {
        AssociativeMemory memory = new(Dim, slots, 0.3f), short10 = new(Dim, slots, 0.3f);
        for (int block = 0; block < 10; block++)
            Absorb(block, short10);
        for (int block = 0; block < 10 + SlotUndo.Blocks; block++)
            Absorb(block, memory);
        for (int block = 9 + SlotUndo.Blocks; block >= 10; block--)
        {
            Assert.True(memory.TryUndo(out int first));
            Assert.Equal(block * 32, first);
        }
        AssertEqual(short10, memory);
        Assert.False(memory.TryUndo(out _));
        for (int block = 10; block < 15; block++)
        {
            Absorb(block, memory);
            Absorb(block, short10);
        }
        AssertEqual(short10, memory);
    }

    [Fact]
    public void Bytes_ManyBlocks_StayWhatTheSlotsNeed()
    {
        AssociativeMemory memory = new(Dim, 100, 0.9f);
        for (int block = 0; block < 2 * SlotUndo.Blocks; block++)
            Absorb(block, memory);
        long bytes = memory.Bytes;
        for (int block = 0; block < 200; block++)
            Absorb(block + (2 * SlotUndo.Blocks), memory);
        Assert.Equal(100, memory.Count);
        Assert.Equal(bytes, memory.Bytes);
    }

    [Fact]
    public void Load_WhatWasSaved_GoesOnAlike()
    {
        AssociativeMemory memory = new(Dim, 90, 0.3f), loaded = new(Dim, 90, 0.3f);
        for (int block = 0; block < 10; block++)
            Absorb(block, memory);
        MemoryStream stream = new();
        memory.Save(stream);
        stream.Position = 0;
        loaded.Load(stream, 320);
        Assert.Equal(stream.Length, stream.Position);
        AssertEqual(memory, loaded);
        Absorb(10, memory);
        Absorb(10, loaded);
        AssertEqual(memory, loaded);

        byte[] bytes = stream.ToArray();
        Assert.Throws<EndOfStreamException>(() => new AssociativeMemory(Dim, 90, 0.3f).Load(new MemoryStream(bytes[..^1]), 320));
        Assert.Throws<InvalidDataException>(() => new AssociativeMemory(Dim, 90, 0.3f).Load(new MemoryStream(bytes), 100));
        Assert.Throws<InvalidDataException>(() => new AssociativeMemory(Dim, 10, 0.3f).Load(new MemoryStream(bytes), 320));
    }

    private static void Absorb(int block, AssociativeMemory memory, SlotReference? reference = null)
    {
        Random random = new(block);
        float[] keys = Rows(random, 32), values = Rows(random, 32);
        memory.Absorb(block * 32, keys, Units(keys), values);
        reference?.Absorb(block * 32, Doubles(keys), Doubles(values));
    }

    private static void AssertEqual(AssociativeMemory expected, AssociativeMemory actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        float[][] rows = [new float[Dim], new float[Dim], new float[Dim], new float[Dim]];
        for (int slot = 0; slot < expected.Count; slot++)
        {
            Assert.Equal((expected.Tokens(slot), expected.LastToken(slot)), (actual.Tokens(slot), actual.LastToken(slot)));
            expected.Read(slot, 0, rows[0], rows[1]);
            actual.Read(slot, 0, rows[2], rows[3]);
            Assert.Equal(rows[0], rows[2]);
            Assert.Equal(rows[1], rows[3]);
        }
    }

    private static float[] Rows(Random random, int count) => [.. Enumerable.Range(0, count * Dim).Select(_ => (float)((random.NextDouble() * 2) - 1))];

    private static float[] Units(float[] rows) => [.. rows.Chunk(Dim).SelectMany(row => row.Select(value => value * SlotTile.Scale(row)))];

    private static double[][] Doubles(float[] rows) => [.. rows.Chunk(Dim).Select(row => row.Select(value => (double)value).ToArray())];
}
