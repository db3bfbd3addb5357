namespace Actors.Storage.Tests;

public class DocumentStoreTests
{
    [Fact]
    public void Write_ReadDelete_FollowTheETag()
    {
        using var temporary = new TemporaryFolder();
        using DataFolder data = DataFolder.Open(temporary.Path);
        DocumentStore documents = data.Documents;
        Assert.Null(documents.Read("a/b"));
        string one = documents.Write("a/b", [1, 2, 3], null);
        Assert.Throws<DocumentConflictException>(() => documents.Write("a/b", [9], null));
        string two = documents.Write("a/b", [4], one);
        Assert.NotEqual(one, two);
        Assert.Throws<DocumentConflictException>(() => documents.Write("a/b", [9], one));
        Assert.Throws<DocumentConflictException>(() => documents.Delete("a/b", one));
        StoredDocument read = documents.Read("a/b")!;
        Assert.Equal(("a/b", two), (read.Name, read.ETag));
        Assert.Equal([4], read.Content);
        documents.Delete("a/b", two);
        Assert.Null(documents.Read("a/b"));
        Assert.Throws<DocumentConflictException>(() => documents.Delete("a/b", two));
    }

    [Fact]
    public void List_Prefix_GivesFullNamesInOrder()
    {
        using var temporary = new TemporaryFolder();
        using DataFolder data = DataFolder.Open(temporary.Path);
        string longName = "grain/" + new string('z', 400);
        foreach (string name in (string[])["grain/b", "grain/A", "other", longName]) data.Documents.Write(name, [], null);
        Assert.Equal(["grain/A", "grain/b", longName], data.Documents.List("grain/"));
    }

    [Fact]
    public void Read_AnyBitFlipped_IsReported()
    {
        using var temporary = new TemporaryFolder();
        using DataFolder data = DataFolder.Open(temporary.Path);
        data.Documents.Write("name", [1, 2, 3], null);
        string path = Assert.Single(Directory.EnumerateFiles(temporary["documents"]));
        byte[] whole = File.ReadAllBytes(path);
        for (int i = 0; i < whole.Length; i++)
        {
            byte[] damaged = [.. whole];
            damaged[i] ^= 0x10;
            File.WriteAllBytes(path, damaged);
            Assert.Contains(path, Assert.Throws<DocumentDamagedException>(() => data.Documents.Read("name")).Message);
        }
    }

    [Fact]
    public void Write_DiskFull_KeepsTheVersionBefore()
    {
        using var temporary = new TemporaryFolder();
        var disk = new FullDisk();
        using DataFolder data = DataFolder.Open(temporary.Path, disk);
        string one = data.Documents.Write("name", [1], null);
        disk.FreeBytes = 5;
        Assert.Throws<StorageWriteException>(() => data.Documents.Write("name", [2], one));
        Assert.Equal([1], data.Documents.Read("name")!.Content);
    }
}
