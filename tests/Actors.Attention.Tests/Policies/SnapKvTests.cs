using Actors.Kernels;
using Actors.Models;
using Actors.Testing;

namespace Actors.Attention.Tests.Policies;

public sealed class SnapKvTests
{
    private const int Sinks = 16, Window = 64, Observed = 32, Chosen = 20, Floats = 6 * 32;
    private static readonly int[] OnePrompt = [320, .. Enumerable.Repeat(1, 1000)];

    public static TheoryData<string> Both => ["snapkv", "pyramid"];

    [Theory]
    [InlineData(MemoryPlacement.True)]
    [InlineData(MemoryPlacement.Constant)]
    public void Execute_AfterAPrompt_ReadsWhatItsLastQueriesAttendedTo(MemoryPlacement placement)
    {
        RandomSequence sequence = new(500, seed: 51, attentionScale: 1.1f);
        SnapKvOptions options = Options(TurnKeeping.Anew, placement);
        float[] outputs = sequence.Run(new SnapKvPolicy(options), OnePrompt);
        Check(sequence, outputs, options.Memory, [330, 352, 400, 499], head => Votes(sequence, options, 320, Sinks, head));
        // What a prompt came in does not matter: its last queries are the same.
        Assert.Equal(outputs[(320 * Floats)..], sequence.Run(new SnapKvPolicy(options), [300, 20, 1])[(320 * Floats)..]);
        Assert.Equal(outputs, sequence.Run(new SnapKvPolicy(options), OnePrompt, threads: 4));
    }

    [Theory]
    [InlineData(TurnKeeping.Anew)]
    [InlineData(TurnKeeping.Add)]
    public void Execute_SecondPrompt_ChoosesAmongAllOrAddsToTheFirst(TurnKeeping turns)
    {
        RandomSequence sequence = new(600, seed: 52);
        SnapKvOptions options = Options(turns, MemoryPlacement.True);
        int[] chunks = [320, .. Enumerable.Repeat(1, 80), 100, 1];
        float[] outputs = sequence.Run(new SnapKvPolicy(options), chunks);
        Check(sequence, outputs, options.Memory, [510, 599], head => turns == TurnKeeping.Anew
            ? Votes(sequence, options, 500, Sinks, head)
            : [.. Votes(sequence, options, 320, Sinks, head), .. Votes(sequence, options, 500, 320 - Observed, head)], end: 500);
    }

    [Fact]
    public void Execute_PromptThatIsTakenBackAndAskedAgain_GivesTheSame()
    {
        RandomSequence sequence = new(500, seed: 53);
        SnapKvPolicy policy = new(Options(TurnKeeping.Anew, MemoryPlacement.Auto));
        float[] once = sequence.Run(policy, [320, 20, 1]);
        bool cut = false;
        int[] chunks = [320, 20, .. Enumerable.Repeat(1, 10), 20, 1]; // 320 prompt, question, answer, and the question again
        float[] again = sequence.Run(policy, chunks, cutTo: tokens => !cut && tokens == 350 && (cut = true) ? 320 : tokens);
        Assert.True(cut);
        Assert.Equal(once[(340 * Floats)..], again[(340 * Floats)..]);
        cut = false;
        Assert.Equal(once, sequence.Run(policy, [320, 20, 1], cutTo: tokens => !cut && tokens == 480 && (cut = true) ? 400 : tokens)); // inside of the answer
        Assert.True(cut);
    }

    [Theory, MemberData(nameof(Both))]
    public void Execute_NoPromptYet_ReadsEverything(string name)
    {
        RandomSequence sequence = new(300, seed: 54);
        IAttentionPolicy policy = AttentionPolicies.Create(name + ":window=64:positions=true:tokens=33", 512);
        float[] decoded = sequence.Run(policy, [1]);
        Assert.InRange(sequence.Difference(decoded, [200, 299], RandomSequence.Dense), 0, 2e-5);
        Assert.Equal(decoded, sequence.Run(policy, [7]));
        Assert.NotEqual(decoded[^Floats..], sequence.Run(policy, [250, 1])[^Floats..]);
    }

    [Theory, MemberData(nameof(Both))]
    public void Step_BudgetOfAllTokens_EqualsDense(string spec)
    {
        foreach (string name in RepositoryFiles.ReferenceNames)
        {
            using Checkpoint checkpoint = Checkpoint.Open(RepositoryFiles.Reference(name));
            using ComputePool pool = new(1);
            using CpuBackend backend = new(checkpoint, pool);
            int[] tokens = [.. Enumerable.Range(0, 150).Select(i => i * 37 % backend.Shape.VocabularySize)];
            float[] dense = Logits(checkpoint, backend, pool, new DensePolicy(), tokens);
            float[] actual = Logits(checkpoint, backend, pool, AttentionPolicies.Create(spec + ":window=32:positions=true:tokens=65536", 512), tokens);
            Assert.InRange(dense.Zip(actual, (x, y) => MathF.Abs(x - y)).Max(), 0, 1e-3f);
        }
    }

    [Theory]
    [InlineData(64, 6, 10000, 20)]
    [InlineData(1024, 32, 10000, 20)]
    [InlineData(1024, 32, 2100, 20)]
    [InlineData(64, 1, 10000, 20)]
    public void Chosen_Pyramid_FallsFromLayerToLayerAroundTheMean(int tokens, int layers, int context, float taper)
    {
        SnapKvOptions options = new() { Tokens = tokens, Observed = 32, Taper = taper };
        int mean = tokens - 32;
        int[] chosen = [.. Enumerable.Range(0, layers).Select(layer => options.Chosen(layer, layers, context))];
        Assert.Equal(chosen.OrderDescending(), chosen);
        Assert.InRange(chosen.Average(), mean, mean + (layers / 2.0));
        Assert.InRange(chosen[^1], 1, chosen[0]);
        Assert.InRange(chosen[0], mean, context - 32);
        Assert.All(Enumerable.Range(0, layers), layer => Assert.Equal(mean, options.Chosen(layer, layers, (2 * mean) - 1)));
        Assert.Equal(mean, (options with { Taper = null }).Chosen(0, layers, context));
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.25)]
    [InlineData(0.5)]
    [InlineData(0.75)]
    [InlineData(1.0)]
    public void Answer_PasskeyFarBeyondTheTrainedWindow_IsRight(double depth)
    {
        using BundledModel model = new(AttentionPolicies.Create("auto", 512), 4000);
        model.Tell(3000, depth);
        Assert.Contains("41873", model.Answer(AttentionPolicies.Create("snapkv", 512)));
        Assert.Contains("41873", model.Answer(AttentionPolicies.Create("pyramid:tokens=1024", 512)));
    }

    [Fact]
    public void Answer_WhatAnEarlierPromptPassedOver_IsForgottenUntilThePolicyIsSwitched()
    {
        using BundledModel model = new(AttentionPolicies.Create("snapkv:turns=add:tokens=33", 512), 4000);
        model.Tell(3000, 0.5);
        model.Answer(); // a turn that keeps next to nothing
        Assert.DoesNotContain("41873", model.Answer());
        Assert.Contains("41873", model.Answer(AttentionPolicies.Create("auto", 512)));
    }

    [Fact]
    public void Bytes_HoldsLittle()
    {
        RandomSequence sequence = new(1000, seed: 55);
        long bytes = 0, keys = 0;
        sequence.Run(new SnapKvPolicy(Options(TurnKeeping.Anew, MemoryPlacement.True)), [900, 1], afterCommit: (attention, _) => (bytes, keys) = (attention.IndexBytes, attention.Report.KeysRead));
        Assert.InRange(bytes, 1, (32 * Floats * 4) + 4096); // 32 queries, and 20 tokens of two heads
        Assert.InRange(keys, 1, 2 * (Sinks + Chosen + Observed + 100 + Window + 32));
    }

    [Theory]
    [InlineData("snapkv:tokens=10:observed=200:pool=4:turns=never", "tokens is 10", "observed is 200", "pool is 4", "turns is 'never'")]
    [InlineData("pyramid:taper=0:window=32:observed=33", "taper is 0", "observed is 33")]
    [InlineData("snapkv:taper=5", "no option 'taper'")]
    public void Create_BadOptions_NamesAllOfThem(string spec, params string[] parts)
    {
        string message = Assert.ThrowsAny<ArgumentException>(() => AttentionPolicies.Create(spec, 512)).Message;
        Assert.All(parts, part => Assert.Contains(part, message));
    }

    private static SnapKvOptions Options(TurnKeeping turns, MemoryPlacement placement)
        => new() { Memory = new() { SinkTokens = Sinks, WindowTokens = Window, Placement = placement, TrainedWindow = 512 }, Tokens = Observed + Chosen, Turns = turns };

    // Tokens that the last queries before a position choose for a KV head, of those from one on.
    private static int[] Votes(RandomSequence sequence, SnapKvOptions options, int end, int start, int head)
    {
        double[] votes = new double[end - Observed - start];
        int window = Math.Max(0, ((end - 1) / 32 * 32) - Window);
        bool constant = options.Memory.View(end - 1).Sinks == SinkPlacement.Constant;
        for (int row = end - Observed; row < end; row++)
        {
            int at = row;
            foreach (int queryHead in Enumerable.Range(head * 3, 3))
            {
                foreach ((int token, double share) in sequence.Shares(row, queryHead, Enumerable.Range(0, row + 1).Select(token => constant && token < window ? (token, 0, Window) : (token, token, at))))
                {
                    if (token >= start && token < end - Observed)
                        votes[token - start] += share;
                }
            }
        }
        double[] pooled = [.. votes.Select((_, i) => votes[Math.Max(0, i - 2)..Math.Min(votes.Length, i + 3)].Sum())];
        return [.. Enumerable.Range(0, votes.Length).OrderByDescending(i => pooled[i]).Take(Chosen).Select(i => i + start).Order()];
    }

    private static void Check(RandomSequence sequence, float[] outputs, MemoryOptions memory, int[] rows, Func<int, int[]> chosen, int end = 320)
    {
        int[][] heads = [chosen(0), chosen(1)];
        foreach (int row in rows)
        {
            int window = (row / 32 * 32) - Window;
            bool constant = memory.View(row).Sinks == SinkPlacement.Constant;
            for (int head = 0; head < 6; head++)
            {
                IEnumerable<int> tokens = Enumerable.Range(0, Sinks).Concat(heads[head / 3]).Concat(Enumerable.Range(0, row + 1).Where(token => token >= Math.Min(window, end - Observed))).Distinct();
                double[] expected = sequence.Reference(row, head, tokens.Select(token => constant && token < window ? (token, 0, Window) : (token, token, row)));
                for (int i = 0; i < 32; i++)
                    Assert.Equal(expected[i], outputs[(row * Floats) + (head * 32) + i], 3e-5);
            }
        }
    }

    // A prompt, and then token by token.
    private static float[] Logits(Checkpoint checkpoint, CpuBackend backend, ComputePool pool, IAttentionPolicy policy, int[] tokens)
    {
        using SequenceDriver driver = new(checkpoint, backend, pool, policy, tokens.Length);
        return [.. driver.Step(tokens.AsSpan(0, 90), allRows: true), .. tokens[90..].SelectMany(token => driver.Step([token]))];
    }
}
