using System.Text;

namespace Actors.Storage.Tests;

public class MemoryFileTests
{
    [Fact]
    public void Write_ThenOpen_GivesTheContentBack()
    {
        using var temporary = new TemporaryFolder();
        using DataFolder data = DataFolder.Open(temporary.Path);
        MemoryFile memory = data.Session("t", "s").Memory;
        Assert.Null(memory.Open());
        Assert.Equal(0, memory.Bytes);
        byte[] large = [.. Enumerable.Range(0, 300_000).Select(i => (byte)(i * 7))];
        memory.Write(stream =>
        {
            stream.WriteByte(9);
            stream.Write(large);
        });
        using (Stream stream = data.Session("t", "s").Memory.Open()!)
            Assert.Equal([9, .. large], Read(stream));
        Assert.Equal(24 + 300_001, memory.Bytes);
        memory.Write(stream => stream.Write("new"u8));
        Assert.Equal("new", Text(memory));
        memory.Delete();
        Assert.Null(memory.Open());
    }

    [Fact]
    public void Write_Golden_IsTheDocumentedFormat()
    {
        using var temporary = new TemporaryFolder();
        using DataFolder data = DataFolder.Open(temporary.Path);
        SessionFolder session = data.Session("t", "s");
        session.Memory.Write(stream => stream.Write("123456789"u8));
        byte[] bytes = File.ReadAllBytes(System.IO.Path.Combine(session.Path, "memory.bin"));
        // The checksum of these nine characters is the published check value of CRC-32C.
        Assert.Equal("4143544D010000000900000000000000839206E3", Convert.ToHexString(bytes[..20]));
        Assert.Equal(33, bytes.Length);
        Assert.Equal("123456789", Encoding.ASCII.GetString(bytes[24..]));
    }

    [Fact]
    public void Open_AnyByteDamagedOrAnyEndMissing_IsAsIfThereWereNone()
    {
        using var temporary = new TemporaryFolder();
        using DataFolder data = DataFolder.Open(temporary.Path);
        SessionFolder session = data.Session("t", "s");
        session.Memory.Write(stream => stream.Write("content"u8));
        string path = System.IO.Path.Combine(session.Path, "memory.bin");
        byte[] bytes = File.ReadAllBytes(path);
        for (int i = 0; i < bytes.Length; i++)
        {
            byte[] damaged = [.. bytes];
            damaged[i] ^= 1;
            File.WriteAllBytes(path, damaged);
            Assert.Null(session.Memory.Open());
            File.WriteAllBytes(path, bytes[..i]);
            Assert.Null(session.Memory.Open());
        }
        File.WriteAllBytes(path, [.. bytes, 0]);
        Assert.Null(session.Memory.Open());
        File.WriteAllBytes(path, bytes);
        Assert.Equal("content", Text(session.Memory));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    [InlineData(25)]
    public void Write_DiskFull_KeepsTheOneBefore(int free)
    {
        using var temporary = new TemporaryFolder();
        var disk = new FullDisk();
        using DataFolder data = DataFolder.Open(temporary.Path, disk);
        SessionFolder session = data.Session("t", "s");
        session.Memory.Write(stream => stream.Write("old"u8));
        disk.FreeBytes = free;
        Assert.Contains("memory.bin", Assert.Throws<StorageWriteException>(() => session.Memory.Write(stream => stream.Write("new content"u8))).Message);
        Assert.Equal("old", Text(session.Memory));
        Assert.Empty(Directory.EnumerateFiles(session.Path, "*.tmp"));
    }

    private static string Text(MemoryFile memory)
    {
        using Stream stream = memory.Open()!;
        return Encoding.ASCII.GetString(Read(stream));
    }

    private static byte[] Read(Stream stream)
    {
        MemoryStream all = new();
        stream.CopyTo(all);
        return all.ToArray();
    }
}
