namespace Actors.Storage.Tests;

public class JournalTests
{
    private static readonly JournalRecord[] Records =
    [
        new InputRecord([new JournalItem("user", "grüße\n", [1, -2, 70000]), new JournalItem("system", "", [])]),
        new TurnStartedRecord("t1", "{\"seed\":7}", [5, 6]),
        new TokensRecord("t1", 0, [10, 11]),
        new TurnFinishedRecord("t1", "stop", "{}", [7]),
        new PolicyChangedRecord("blocks", 99),
        new RewoundRecord(42),
        new NoteRecord("title", "A title"),
    ];

    [Fact]
    public async Task Read_AfterReopen_GivesWhatWasAppended()
    {
        using var temporary = new TemporaryFolder();
        string path = temporary["journal"];
        long third = 0;
        await using (SessionJournal journal = SessionJournal.Open(path, DiskWriter.Default))
        {
            for (int i = 0; i < Records.Length; i++)
            {
                long end = await journal.AppendAsync(Records[i], i % 2 == 0 ? JournalFlush.Disk : JournalFlush.OperatingSystem);
                Assert.Equal(new FileInfo(path).Length, end);
                if (i == 2) third = end;
            }
        }

        await using SessionJournal again = SessionJournal.Open(path, DiskWriter.Default);
        Assert.Null(again.TornTail);
        Assert.Equal(Records.Select(Text), again.Read().Select(entry => Text(entry.Record)));
        Assert.Equal(Records.Skip(3).Select(Text), again.Read(third).Select(entry => Text(entry.Record)));
        Assert.Equal(again.Length, again.Read().Last().End);
        Assert.Empty(again.Read(again.Length));
        Assert.Throws<JournalDamagedException>(() => again.Read(again.Length + 1).Count());
    }

    [Fact]
    public async Task Open_CutAtEveryByteOfTheLastRecord_KeepsTheOthersAndReportsTheCut()
    {
        using var temporary = new TemporaryFolder();
        byte[] whole = await WriteAsync(temporary["journal"]);
        int lastStart = whole.Length - JournalFormat.Encode(Records[^1]).Length;
        for (int length = lastStart; length < whole.Length; length++)
        {
            File.WriteAllBytes(temporary["cut"], whole[..length]);
            await using SessionJournal journal = SessionJournal.Open(temporary["cut"], DiskWriter.Default);
            Assert.Equal(Records.Length - 1, journal.Read().Count());
            Assert.Equal(length == lastStart ? null : new JournalTail(lastStart, length - lastStart), journal.TornTail);
            await journal.AppendAsync(Records[0], JournalFlush.OperatingSystem);
            Assert.Equal(Text(Records[0]), Text(journal.Read().Last().Record));
        }
    }

    [Fact]
    public async Task Open_ZerosAfterTheLastRecord_AreATornTail()
    {
        using var temporary = new TemporaryFolder();
        byte[] whole = await WriteAsync(temporary["journal"]);
        File.WriteAllBytes(temporary["cut"], [.. whole, .. new byte[5000]]);
        await using SessionJournal journal = SessionJournal.Open(temporary["cut"], DiskWriter.Default);
        Assert.Equal(new JournalTail(whole.Length, 5000), journal.TornTail);
        Assert.Equal(Records.Length, journal.Read().Count());
    }

    [Fact]
    public async Task Open_AnyBitFlippedBeforeTheLastRecord_NamesTheOffset()
    {
        using var temporary = new TemporaryFolder();
        byte[] whole = await WriteAsync(temporary["journal"]);
        int lastStart = whole.Length - JournalFormat.Encode(Records[^1]).Length;
        var starts = new List<long>();
        await using (SessionJournal journal = SessionJournal.Open(temporary["journal"], DiskWriter.Default))
            starts.AddRange(journal.Read().Select(entry => entry.Offset));
        for (int i = 0; i < lastStart; i++)
        {
            byte[] damaged = [.. whole];
            damaged[i] ^= (byte)(1 << (i % 8));
            File.WriteAllBytes(temporary["bad"], damaged);
            var error = Assert.Throws<JournalDamagedException>(() => SessionJournal.Open(temporary["bad"], DiskWriter.Default));
            Assert.Equal(i < JournalFormat.HeaderBytes ? 0 : starts.Last(start => start <= i), error.Offset);
            Assert.Contains($"'{temporary["bad"]}' is damaged at byte {error.Offset}", error.Message);
        }
    }

    [Fact]
    public async Task AppendAsync_DiskFull_LosesNothingAndGoesOnWhenThereIsRoom()
    {
        using var temporary = new TemporaryFolder();
        var disk = new FullDisk();
        await using SessionJournal journal = SessionJournal.Open(temporary["journal"], disk);
        await journal.AppendAsync(Records[0], JournalFlush.Disk);
        disk.FreeBytes = 10;
        var error = await Assert.ThrowsAsync<StorageWriteException>(async () => await journal.AppendAsync(Records[1], JournalFlush.Disk));
        Assert.Equal(temporary["journal"], error.Path);
        Assert.Contains("No space left on device", error.Message);
        Assert.Equal(journal.Length, new FileInfo(temporary["journal"]).Length);

        disk.FreeBytes = long.MaxValue;
        await journal.AppendAsync(Records[2], JournalFlush.Disk);
        Assert.Equal([Text(Records[0]), Text(Records[2])], journal.Read().Select(entry => Text(entry.Record)));
    }

    [Fact]
    public async Task AppendAsync_FlushFails_RefusesUntilOpenedAgain()
    {
        using var temporary = new TemporaryFolder();
        var disk = new FullDisk();
        await using (SessionJournal journal = SessionJournal.Open(temporary["journal"], disk))
        {
            disk.FlushFails = true;
            await Assert.ThrowsAsync<StorageWriteException>(async () => await journal.AppendAsync(Records[0], JournalFlush.Disk));
            disk.FlushFails = false;
            var error = await Assert.ThrowsAsync<StorageWriteException>(
                async () => await journal.AppendAsync(Records[1], JournalFlush.OperatingSystem));
            Assert.Contains("Input/output error", error.Message);
        }

        await using SessionJournal again = SessionJournal.Open(temporary["journal"], disk);
        Assert.Single(again.Read());
    }

    [Fact]
    public async Task AppendAsync_ManyDuringAFlush_ShareTheNext()
    {
        using var temporary = new TemporaryFolder();
        var disk = new FullDisk();
        await using SessionJournal journal = SessionJournal.Open(temporary["journal"], disk);
        using var entered = new ManualResetEventSlim();
        using var leave = new ManualResetEventSlim();
        int before = disk.Flushes;
        disk.OnFlush = () =>
        {
            entered.Set();
            leave.Wait(TimeSpan.FromSeconds(30));
        };
        Task first = journal.AppendAsync(new TokensRecord("t", 0, [0]), JournalFlush.Disk).AsTask();
        Assert.True(entered.Wait(TimeSpan.FromSeconds(30)));
        Task[] others = Enumerable.Range(1, 20)
            .Select(i => journal.AppendAsync(new TokensRecord("t", i, [i]), JournalFlush.Disk).AsTask()).ToArray();
        Assert.Equal(21, journal.Read().Count());
        Assert.All(others, task => Assert.False(task.IsCompleted));
        leave.Set();
        await Task.WhenAll([first, .. others]).WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(2, disk.Flushes - before);
    }

    [Fact]
    public void Encode_KnownRecords_AreFrozen()
    {
        // Journals of users hold these bytes. A change needs a new version that still reads the old one, not a new expectation.
        string[] expected = JournalGolden.Hex;
        Assert.Equal(expected, Records.Select(record => Convert.ToHexStringLower(JournalFormat.Encode(record))));
    }

    [Fact]
    public void Decode_LengthBeyondTheRecord_IsAFormatErrorNotAnAllocation()
    {
        byte[] payload = JournalFormat.Encode(Records[0])[JournalFormat.FrameBytes..];
        payload[1] = payload[2] = payload[3] = 0xFF;
        payload[4] = 0x7F;
        Assert.Throws<FormatException>(() => JournalFormat.Decode(payload));
        Assert.Throws<FormatException>(() => JournalFormat.Decode([200]));
        Assert.Throws<FormatException>(() => JournalFormat.Decode([.. JournalFormat.Encode(Records[5])[JournalFormat.FrameBytes..], 0]));
    }

    private static string Text(JournalRecord record) => Convert.ToHexString(JournalFormat.Encode(record));

    private static async Task<byte[]> WriteAsync(string path)
    {
        await using (SessionJournal journal = SessionJournal.Open(path, DiskWriter.Default))
        {
            foreach (JournalRecord record in Records) await journal.AppendAsync(record, JournalFlush.OperatingSystem);
        }

        return File.ReadAllBytes(path);
    }
}
