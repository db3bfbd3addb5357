using System.Diagnostics;

namespace Actors.Storage.Tests;

public class DataFolderTests
{
    [Fact]
    public void Open_FolderInUse_NamesTheOtherProcess()
    {
        using var temporary = new TemporaryFolder();
        using DataFolder first = DataFolder.Open(temporary.Path);
        var error = Assert.Throws<DataFolderInUseException>(() => DataFolder.Open(temporary.Path));
        Assert.Equal(Environment.ProcessId, error.ProcessId);
        Assert.Contains($"'{temporary.Path}' is in use by process {Environment.ProcessId}", error.Message);
    }

    [Fact]
    public void Open_AfterDispose_Works()
    {
        using var temporary = new TemporaryFolder();
        DataFolder.Open(temporary["new/sub"]).Dispose();
        using DataFolder again = DataFolder.Open(temporary["new/sub"]);
        Assert.Equal(temporary["new/sub"], again.Path);
    }

    [Fact]
    public void Open_OtherFormat_SaysWhich()
    {
        using var temporary = new TemporaryFolder();
        DataFolder.Open(temporary.Path).Dispose();
        File.WriteAllText(temporary["format"], "actors data 2\n");
        Assert.Contains("'actors data 2'", Assert.Throws<DataFolderFormatException>(() => DataFolder.Open(temporary.Path)).Message);
        File.Delete(temporary["format"]);
        Directory.CreateDirectory(temporary["sessions"]);
        Assert.Throws<DataFolderFormatException>(() => DataFolder.Open(temporary.Path));
    }

    [Fact]
    public async Task List_SessionsOfTwoTenants_ShowsEachItsOwn()
    {
        using var temporary = new TemporaryFolder();
        using DataFolder data = DataFolder.Open(temporary.Path);
        string longName = new('x', 500);
        foreach (string name in (string[])["b", "../a", longName])
            await using (data.Session("acme", name).OpenJournal()) { }
        SessionFolder session = data.Session("acme", "b");
        session.CommitManifest(new SessionManifest { Tenant = "acme", Session = "b", TokenCount = 12 });
        await using (data.Session("other", "b").OpenJournal()) { }

        IReadOnlyList<SessionEntry> listed = data.List("acme");
        Assert.Equal(["../a", "b", longName], listed.Select(entry => entry.Session));
        Assert.Equal(12, listed[1].Manifest!.TokenCount);
        Assert.Null(listed[0].Manifest);
        Assert.Single(data.List("other"));
        Assert.Empty(data.List("nobody"));
        Assert.All(Directory.EnumerateFileSystemEntries(temporary.Path, "*", SearchOption.AllDirectories),
            path => Assert.StartsWith(temporary.Path, System.IO.Path.GetFullPath(path)));
        Assert.False(File.Exists(temporary["sessions/a"]));
    }

    [Fact]
    public async Task Delete_Session_RemovesAllItsFiles()
    {
        using var temporary = new TemporaryFolder();
        using DataFolder data = DataFolder.Open(temporary.Path);
        await using (data.Session("t", "s").OpenJournal()) { }
        Assert.True(data.Delete("t", "s"));
        Assert.False(data.Session("t", "s").Exists);
        Assert.Empty(data.List("t"));
        Assert.False(data.Delete("t", "s"));
        Assert.Empty(Directory.EnumerateFileSystemEntries(temporary["deleted"]));
    }

    [Fact]
    public void Open_DeletionInterrupted_IsFinished()
    {
        using var temporary = new TemporaryFolder();
        DataFolder.Open(temporary.Path).Dispose();
        Directory.CreateDirectory(temporary["deleted/0123/pages"]);
        File.WriteAllText(temporary["deleted/0123/pages/x.kv"], "x");
        using DataFolder data = DataFolder.Open(temporary.Path);
        Assert.False(Directory.Exists(temporary["deleted"]));
    }
}
