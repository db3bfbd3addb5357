using Actors.Attention;
using Actors.KvCache;
using Actors.Storage;

namespace Actors.Engine.Tests;

/// <summary>The memory of a policy that has one is stored beside the pages; whatever becomes of it, only the time to open changes.</summary>
public sealed class PolicyMemoryTests : IDisposable
{
    private const string Policy = "camelot:window=64:block=32:recent=32:slots=60:threshold=0.5";

    private static readonly int[] Tokens = [.. Enumerable.Range(0, 6).SelectMany(_ => ReferenceRun.Read("llama").Tokens)];

    private readonly string _folder = Path.Combine(Path.GetTempPath(), "actors-engine-" + Guid.NewGuid().ToString("N"));
    private readonly DataFolder _data;

    public PolicyMemoryTests() => _data = DataFolder.Open(_folder);

    [Fact]
    public async Task Open_WithTheMemory_GoesOnAsWithoutIt()
    {
        (byte[] older, byte[] newer, float[] expected) = await SaveTwiceAsync();

        (int none, float[] replayed) = await OpenAsync(Policy, Tokens, null);
        (int covered, float[] restored) = await OpenAsync(Policy, Tokens, newer);
        (int earlier, float[] caughtUp) = await OpenAsync(Policy, Tokens, older);

        Assert.Equal(0, none);
        Assert.InRange(earlier, 1, covered - 1);
        Assert.InRange(covered, Tokens.Length - 160, Tokens.Length - 64);
        Assert.Equal(expected, replayed);
        Assert.Equal(expected, restored);
        Assert.Equal(expected, caughtUp);
    }

    [Fact]
    public async Task Open_MemoryOfMoreTokensThanAreLeft_IsNotUsed()
    {
        (byte[] older, byte[] newer, _) = await SaveTwiceAsync();
        int[] cut = Tokens[..(Tokens.Length / 2)];
        (int none, float[] expected) = await OpenAsync(Policy, cut, null);

        (int covered, float[] logits) = await OpenAsync(Policy, cut, newer);
        (int earlier, float[] caughtUp) = await OpenAsync(Policy, cut, older);

        Assert.Equal(0, none);
        Assert.Equal(0, covered);
        Assert.InRange(earlier, 1, cut.Length);
        Assert.Equal(expected, logits);
        Assert.Equal(expected, caughtUp);
    }

    [Fact]
    public async Task Open_MemoryOfOtherTokensOrAnotherPolicy_IsNotUsed()
    {
        (_, byte[] memory, _) = await SaveTwiceAsync();
        int[] other = [.. Tokens];
        other[3]++;
        Assert.Equal(0, (await OpenAsync(Policy, other, memory)).Covered);
        Assert.Equal(0, (await OpenAsync(Policy + ":weight=count", Tokens, memory)).Covered);
        Assert.Equal(0, (await OpenAsync("dense", Tokens, memory)).Covered);
    }

    [Fact]
    public async Task Open_MemoryCutAnywhere_IsNotUsed()
    {
        (_, byte[] memory, float[] expected) = await SaveTwiceAsync();
        foreach (int length in (int[])[0, 11, 43, 60, memory.Length / 3, memory.Length - 1])
        {
            (int covered, float[] logits) = await OpenAsync(Policy, Tokens, memory[..length]);
            Assert.Equal(0, covered);
            Assert.Equal(expected, logits);
        }
    }

    [Fact]
    public async Task SaveAsync_PolicyWithoutMemoryOrSequenceInsideItsWindow_HasNone()
    {
        await using var harness = new EngineHarness();
        EngineSequence dense = harness.Open("dense", Pages("dense")), small = harness.Open(Policy, Pages("small"));
        await harness.RunAsync(dense, new EngineTurn { Input = Tokens });
        await harness.RunAsync(small, new EngineTurn { Input = Tokens[..90] });
        Assert.Null((await harness.DriveAsync(dense.SaveAsync())).Memory);
        Assert.Null((await harness.DriveAsync(small.SaveAsync())).Memory);
    }

    [Fact]
    public async Task Write_SequenceDisposed_Throws()
    {
        await using var harness = new EngineHarness();
        EngineSequence sequence = harness.Open(Policy, Pages("s"));
        await harness.RunAsync(sequence, new EngineTurn { Input = Tokens });
        PolicyMemory memory = (await harness.DriveAsync(sequence.SaveAsync())).Memory!;
        await harness.DriveAsync(sequence.DisposeAsync().AsTask());
        Assert.Throws<ObjectDisposedException>(() => memory.Write(new MemoryStream()));
    }

    public void Dispose()
    {
        _data.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<(byte[] Older, byte[] Newer, float[] Expected)> SaveTwiceAsync()
    {
        await using var harness = new EngineHarness();
        EngineSequence sequence = harness.Open(Policy, Pages("s"));
        await harness.RunAsync(sequence, new EngineTurn { Input = Tokens.AsMemory(0, 400) });
        byte[] older = Bytes((await harness.DriveAsync(sequence.SaveAsync())).Memory!);
        await harness.RunAsync(sequence, new EngineTurn { Input = Tokens.AsMemory(400) });
        byte[] newer = Bytes((await harness.DriveAsync(sequence.SaveAsync())).Memory!);
        return (older, newer, await NextAsync(harness, sequence));
    }

    private async Task<(int Covered, float[] Logits)> OpenAsync(string policy, int[] tokens, byte[]? memory)
    {
        await using var harness = new EngineHarness();
        EngineSequence sequence = harness.Engine.Open(new SequenceOptions
        {
            PolicyName = policy, PageStore = Pages("s"), Tokens = tokens, OpenMemory = memory is null ? null : () => new MemoryStream(memory),
        });
        return (sequence.RestoredMemoryTokens, await NextAsync(harness, sequence));
    }

    private static async Task<float[]> NextAsync(EngineHarness harness, EngineSequence sequence)
    {
        // One token more in each case: what is computed of it depends on all of the memory.
        List<EngineEvent> events = await harness.RunAsync(sequence, new EngineTurn { Input = new[] { 5 }, Logits = LogitRows.Last });
        return events.OfType<EngineEvent.Logits>().Single().Values.ToArray();
    }

    private static byte[] Bytes(PolicyMemory memory)
    {
        MemoryStream stream = new();
        memory.Write(stream);
        return stream.ToArray();
    }

    private IPageStore Pages(string session) => _data.Session("t", session).Pages;
}
