using Actors.KvCache;

namespace Actors.Storage.Tests;

public class ManifestTests
{
    private static readonly SessionManifest First = new()
    {
        Tenant = "t", Session = "s", Epoch = 1, Model = "m", ModelFingerprint = "f", Policy = "auto", TokenCount = 200, JournalBytes = 1234,
        PageCount = 3, LastPage = new string('a', 64), Pages = [new PageRun(0, 2, 1), new PageRun(2, 1, 1)], StoredBytes = 99,
        Created = DateTimeOffset.UnixEpoch, Updated = DateTimeOffset.UnixEpoch.AddHours(1),
        Usage = new SessionUsage { Turns = 1, InputTokens = 2, OutputTokens = 3, ComputedTokens = 4, CachedTokens = 5 },
        Properties = new Dictionary<string, string> { ["title"] = "x" },
    };

    [Fact]
    public void CommitManifest_ThenRead_GivesItBack()
    {
        using var temporary = new TemporaryFolder();
        using DataFolder data = DataFolder.Open(temporary.Path);
        SessionFolder session = data.Session("t", "s");
        Assert.Null(session.ReadManifest());
        SessionManifest committed = session.CommitManifest(First);
        Assert.Equal(1, committed.Revision);
        SessionManifest read = data.Session("t", "s").ReadManifest()!;
        Assert.Equal(First.Pages, read.Pages);
        Assert.Equal("x", read.Properties["title"]);
        Assert.Equal(First with { Revision = 1, Pages = [], Properties = First.Properties }, read with { Pages = [], Properties = First.Properties });
    }

    [Fact]
    public void CommitManifest_StaleRevisionOrEpoch_IsRefusedAndChangesNothing()
    {
        using var temporary = new TemporaryFolder();
        using DataFolder data = DataFolder.Open(temporary.Path);
        SessionFolder session = data.Session("t", "s");
        SessionManifest one = session.CommitManifest(First);
        SessionManifest two = session.CommitManifest(one with { Epoch = 2 });
        var stale = Assert.Throws<ManifestConflictException>(() => data.Session("t", "s").CommitManifest(one with { TokenCount = 7 }));
        Assert.Equal((2, 2), (stale.CurrentRevision, stale.CurrentEpoch));
        Assert.Throws<ManifestConflictException>(() => session.CommitManifest(two with { Epoch = 1 }));
        Assert.Throws<ManifestConflictException>(() => session.CommitManifest(two with { Revision = 3 }));
        Assert.Equal(200, session.ReadManifest()!.TokenCount);
    }

    [Fact]
    public void CommitManifest_TooLarge_IsRefused()
    {
        using var temporary = new TemporaryFolder();
        using DataFolder data = DataFolder.Open(temporary.Path);
        var large = new Dictionary<string, string> { ["x"] = new('x', SessionManifest.MaxBytes) };
        Assert.Throws<ArgumentException>(() => data.Session("t", "s").CommitManifest(First with { Properties = large }));
        Assert.Null(data.Session("t", "s").ReadManifest());
        Assert.Throws<ArgumentException>(() => data.Session("t", "other").CommitManifest(First));
    }

    [Fact]
    public void CommitManifest_DiskFull_KeepsTheOneBefore()
    {
        using var temporary = new TemporaryFolder();
        var disk = new FullDisk();
        using DataFolder data = DataFolder.Open(temporary.Path, disk);
        SessionFolder session = data.Session("t", "s");
        SessionManifest one = session.CommitManifest(First);
        disk.FreeBytes = 100;
        var error = Assert.Throws<StorageWriteException>(() => session.CommitManifest(one with { TokenCount = 7 }));
        Assert.Contains("manifest.json", error.Message);
        Assert.Contains("No space left on device", error.Message);
        Assert.Equal(200, session.ReadManifest()!.TokenCount);
        disk.FreeBytes = long.MaxValue;
        Assert.Equal(2, session.CommitManifest(one with { TokenCount = 7 }).Revision);
        Assert.Empty(Directory.EnumerateFiles(session.Path, "*.tmp"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("{\"version\":2,\"tenant\":\"t\",\"session\":\"s\"}")]
    [InlineData("{\"version\":1,\"session\":\"s\"}")]
    public void ReadManifest_Damaged_SaysWhatIsWrong(string content)
    {
        using var temporary = new TemporaryFolder();
        using DataFolder data = DataFolder.Open(temporary.Path);
        SessionFolder session = data.Session("t", "s");
        session.CommitManifest(First);
        File.WriteAllText(System.IO.Path.Combine(session.Path, "manifest.json"), content);
        Assert.Contains("manifest.json", Assert.Throws<ManifestDamagedException>(() => session.ReadManifest()).Message);
        Assert.Null(Assert.Single(data.List("t")).Manifest);
    }
}
