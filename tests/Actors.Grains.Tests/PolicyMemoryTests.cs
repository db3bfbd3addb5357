using Actors.Grains.Abstractions;
using Actors.Testing;

namespace Actors.Grains.Tests;

/// <summary>The memory of a policy that has one: stored with the session, and only a shortcut whatever becomes of its file.</summary>
public sealed class PolicyMemoryTests : IDisposable
{
    private const string Policy = "camelot:window=64:block=32:recent=32:slots=200";

    private readonly TemporaryDirectory _folder = new();
    private readonly List<string> _copies = [];

    public void Dispose()
    {
        _folder.Dispose();
        foreach (string copy in _copies) Directory.Delete(copy, recursive: true);
    }

    [Fact]
    public async Task Restart_MemoryKeptMissingDamagedOld_AnswersTheSame()
    {
        byte[] older, expected;
        await using (TestSilo silo = await StartAsync(_folder.Path))
        {
            await silo.Session("a").IngestAllAsync(Requests.Prose(30, first: "Remember: my cat's code is 30561.\n"));
            older = await File.ReadAllBytesAsync(MemoryPath(_folder.Path));
            await silo.Session("a").IngestAllAsync(Requests.Prose(30));
        }

        byte[] newer = await File.ReadAllBytesAsync(MemoryPath(_folder.Path));
        Assert.NotEqual(older, newer);
        expected = await AnswerAsync(Copy());
        Assert.Equal(expected, await AnswerAsync(Copy(File.Delete)));
        Assert.Equal(expected, await AnswerAsync(Copy(path => File.WriteAllBytes(path, older))));
        Assert.Equal(expected, await AnswerAsync(Copy(path => File.WriteAllBytes(path, newer[..(newer.Length / 2)]))));
        newer[newer.Length / 2] ^= 1;
        Assert.Equal(expected, await AnswerAsync(Copy(path => File.WriteAllBytes(path, newer))));
    }

    [Fact]
    public async Task Save_PolicyWithoutMemoryFromNowOn_RemovesTheFile()
    {
        await using TestSilo silo = await StartAsync(_folder.Path);
        await silo.Session("a").IngestAllAsync(Requests.Prose(30));
        long stored = (await silo.Session("a").GetInfoAsync())!.StoredBytes;
        Assert.InRange(new FileInfo(MemoryPath(_folder.Path)).Length, 1000, stored);

        await silo.Session("a").ChangePolicyAsync("auto");
        await silo.Session("a").IngestAllAsync(Requests.Prose(2));

        Assert.False(File.Exists(MemoryPath(_folder.Path)));
    }

    private static Task<TestSilo> StartAsync(string folder) => TestSilo.StartAsync(folder, options =>
    {
        options.DefaultPolicy = Policy;
        options.MemoryTokens = 256;
    });

    private static async Task<byte[]> AnswerAsync(string folder)
    {
        await using TestSilo silo = await StartAsync(folder);
        return [.. Requests.TokensOf(await silo.Session("a").RunAsync(Requests.Endless("What is my cat's code?", 12))).SelectMany(BitConverter.GetBytes)];
    }

    private static string MemoryPath(string folder) => Directory.EnumerateDirectories(Path.Combine(folder, "sessions"), "n-a", SearchOption.AllDirectories)
        .Select(session => Path.Combine(session, "memory.bin")).Single();

    // The folder with another memory, as kills at various instants leave it.
    private string Copy(Action<string>? change = null)
    {
        string copy = Directory.CreateTempSubdirectory("actors-memory-").FullName;
        _copies.Add(copy);
        foreach (string path in Directory.EnumerateFiles(_folder.Path, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(copy, Path.GetRelativePath(_folder.Path, path));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(path, target);
        }

        change?.Invoke(MemoryPath(copy));
        return copy;
    }
}
