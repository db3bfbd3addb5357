using Actors.KvCache;
using Actors.Testing.KvCache;

namespace Actors.Storage.Tests;

public class SmallDiskTests
{
    [SmallDiskFact]
    public async Task EveryWriter_RealDiskFull_SaysSoAndGoesOnWhenThereIsRoom()
    {
        using SmallDisk disk = SmallDisk.TryMount()!;
        using DataFolder data = DataFolder.Open(disk.Path);
        SessionFolder session = data.Session("t", "s");
        var layout = new KvLayout(2, 2, 64);
        int[] tokens = Enumerable.Range(0, 20 * 64).ToArray();
        using (var pool = new PagePool(layout, 64 << 20))
        using (var table = new PageTable(pool, new PageContext("model", "dense", "tenant"), session.Pages))
        {
            await using SessionJournal journal = session.OpenJournal();
            await journal.AppendAsync(new NoteRecord("before", ""), JournalFlush.Disk);
            SessionManifest manifest = session.CommitManifest(new SessionManifest { Tenant = "t", Session = "s" });

            Assert.True(table.TryReserve(tokens.Length));
            KvOracle.Append(table, tokens);
            var pages = await Assert.ThrowsAsync<PageStoreException>(async () => await table.SaveAsync());
            Assert.Contains("No space left", pages.Message);
            string ballast = Path.Combine(disk.Path, "ballast");
            Assert.Throws<IOException>(() => File.WriteAllBytes(ballast, new byte[2 << 20]));
            var append = await Assert.ThrowsAsync<StorageWriteException>(
                async () => await journal.AppendAsync(new NoteRecord("full", new string('x', 10_000)), JournalFlush.Disk));
            Assert.Contains("No space left", append.Message);
            Assert.Contains("No space left", Assert.Throws<StorageWriteException>(() => session.CommitManifest(manifest)).Message);
            Assert.Contains("No space left", Assert.Throws<StorageWriteException>(() => data.Documents.Write("d", new byte[10_000], null)).Message);

            File.Delete(ballast);
            KvOracle.Check(table);
            await journal.AppendAsync(new NoteRecord("after", ""), JournalFlush.Disk);
            Assert.Equal(2, session.CommitManifest(manifest).Revision);
            Assert.Equal(["before", "after"], journal.Read().Select(entry => ((NoteRecord)entry.Record).Name));
        }
    }
}
