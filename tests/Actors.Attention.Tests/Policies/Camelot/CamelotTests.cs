using Actors.Testing;

namespace Actors.Attention.Tests.Policies;

/// <summary>Window and memory against a literal softmax over both.</summary>
public sealed class CamelotTests
{
    private static readonly int[] Rows = [0, 95, 96, 130, 200, 255, 256, 399];

    [Theory]
    [InlineData(CamelotPositions.Constant, CamelotSharing.Layer, CamelotWeight.One, 1, 0)]
    [InlineData(CamelotPositions.Constant, CamelotSharing.Head, CamelotWeight.Count, 70, 16)]
    [InlineData(CamelotPositions.Local, CamelotSharing.Layer, CamelotWeight.Retrieved, 400, 0)]
    [InlineData(CamelotPositions.Local, CamelotSharing.Head, CamelotWeight.One, 31, 0)]
    public void Execute_WindowAndSlots_EqualsALiteralSoftmax(CamelotPositions positions, CamelotSharing per, CamelotWeight weight, int chunk, int sinks)
    {
        RandomSequence sequence = new(400, seed: 41, attentionScale: 1.1f);
        CamelotOptions options = new() { Slots = 60, Threshold = 0.25f, WindowTokens = 64, BlockTokens = 32, RecentTokens = 20, SinkTokens = sinks, Positions = positions, Per = per, Weight = weight };
        float[] outputs = sequence.Run(new CamelotPolicy(options), [chunk]);
        int d = sequence.Shape.HeadDim, differing = 0;
        foreach (int row in Rows)
        {
            for (int head = 0; head < sequence.Shape.QueryHeads; head++)
            {
                double[] expected = Literal(sequence, options, row, head, out int slots);
                differing += slots;
                for (int i = 0; i < d; i++)
                    Assert.Equal(expected[i], outputs[(((row * sequence.Shape.QueryHeads) + head) * d) + i], 1e-4);
            }
        }
        Assert.NotEqual(0, differing);
    }

    [Fact]
    public void Execute_NoSlots_IsTheWindowAlone()
    {
        RandomSequence sequence = new(300, seed: 42);
        CamelotOptions options = new() { Slots = 0, WindowTokens = 64, BlockTokens = 32, RecentTokens = 20 };
        Assert.InRange(sequence.Difference(sequence.Run(new CamelotPolicy(options), [50]), Rows[..7],
            row => Enumerable.Range(0, row + 1).Skip(Math.Max(0, (row / 32 * 32) - 64)).Select(token => (token, token, row))), 0, 2e-5);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(90)]
    [InlineData(1)]
    public void OnCommitted_CutBehindWhatCanBeTakenBack_IsReplayedFromThePages(int keep)
    {
        RandomSequence sequence = new(64 + (32 * (SlotUndo.Blocks + 4)), seed: 43, new(2, 2, 1, 16));
        CamelotPolicy policy = new(new() { Slots = 40, Threshold = 0.4f, WindowTokens = 64, BlockTokens = 32, RecentTokens = 20, Centre = true });
        int cuts = 0;
        int Cut(int tokens)
        {
            if (tokens <= sequence.Tokens - 40 || cuts > 0)
                return tokens;
            cuts++;
            return keep;
        }
        Assert.Equal(sequence.Run(policy, [32]), sequence.Run(policy, [31], cutTo: Cut));
        Assert.Equal(1, cuts);
    }

    [Fact]
    public void IndexBytes_LongStream_StaysBounded()
    {
        RandomSequence sequence = new(6000, seed: 44, new(1, 1, 1, 8));
        List<long> bytes = [];
        sequence.Run(new CamelotPolicy(new() { Slots = 80, WindowTokens = 64, BlockTokens = 32, RecentTokens = 20 }), [200], afterCommit: (attention, tokens) =>
        {
            if (tokens % 1600 == 0)
                bytes.Add(attention.IndexBytes);
        });
        Assert.Equal(3, bytes.Count);
        Assert.InRange(bytes[^1], 1, 150_000);
        Assert.InRange(bytes[^1], 0, bytes[0] * 1.05);
    }

    [SlowFact]
    public void IndexBytes_MillionTokens_AreThoseOfTheFirstTenth()
    {
        RandomSequence sequence = new(1_000_000, seed: 45, new(1, 1, 1, 8));
        List<long> bytes = [];
        sequence.Run(new CamelotPolicy(new() { Slots = 1000, WindowTokens = 64, BlockTokens = 64, RecentTokens = 64 }), [500], afterCommit: (attention, tokens) =>
        {
            if (tokens % 100_000 == 0)
                bytes.Add(attention.IndexBytes);
        });
        Assert.Equal(10, bytes.Count);
        Assert.All(bytes, each => Assert.InRange(each, 1, bytes[0] * 1.02));
    }

    [Fact]
    public void Answer_PasskeyThatLeftTheWindow_IsNotRecalledWordByWord()
    {
        using BundledModel model = new(AttentionPolicies.Create("camelot", 512), 4000);
        Assert.DoesNotContain("41873", model.Ask(3000, 0.25));
        using BundledModel near = new(AttentionPolicies.Create("camelot", 512), 4000);
        Assert.Contains("41873", near.Ask(3000, 1));
    }

    [Fact]
    public void Loss_ProseOfMoreThanAWindow_IsLowerThanWithoutTheMemory()
    {
        using BundledModel memory = new(AttentionPolicies.Create("camelot:window=32:block=32", 512), 4000), none = new(AttentionPolicies.Create("camelot:window=32:block=32:slots=0", 512), 4000);
        Assert.InRange(memory.Loss(3072)[0], 0, none.Loss(3072)[0] - 0.001);
    }

    private static double[] Literal(RandomSequence sequence, CamelotOptions options, int row, int queryHead, out int slots)
    {
        int heads = sequence.Shape.KvHeads, kvHead = queryHead / sequence.Shape.GroupSize, d = sequence.Shape.HeadDim;
        int block = row / options.BlockTokens, start = Math.Max((block * options.BlockTokens) - options.WindowTokens, 0), distance = options.WindowTokens + options.BlockTokens;
        bool local = options.Positions == CamelotPositions.Local, dense = start <= options.SinkTokens;
        int[] matched = options.Per == CamelotSharing.Layer ? [.. Enumerable.Range(0, heads)] : [kvHead];
        double[] query = sequence.Rotate(sequence.Query(row, queryHead), row), far = sequence.Rotate(sequence.Query(row, queryHead), local ? distance + (row % options.BlockTokens) : distance);
        double[] constant = sequence.Rotate(sequence.Query(row, queryHead), distance);
        List<(double Score, double[] Value)> seen = [.. Enumerable.Range(0, row + 1).Where(token => dense || token >= start)
            .Select(token => (Dot(query, sequence.Rotate(sequence.Key(token, kvHead), token)), Doubles(sequence.Value(token, kvHead))))];
        slots = 0;
        if (!dense)
        {
            for (int token = 0; token < options.SinkTokens; token++)
                seen.Add((Dot(constant, sequence.Rotate(sequence.Key(token, kvHead), 0)), Doubles(sequence.Value(token, kvHead))));
            SlotReference memory = new(options.Slots, options.Threshold);
            double[] Key(int token) => [.. matched.SelectMany(head => local ? sequence.Rotate(sequence.Key(token, head), token % options.BlockTokens) : Doubles(sequence.Key(token, head)))];
            for (int first = options.SinkTokens, end; first < start; first = end)
            {
                end = first + options.BlockTokens - ((first + options.WindowTokens) % options.BlockTokens);
                int[] tokens = [.. Enumerable.Range(first, end - first)];
                memory.Absorb(first, [.. tokens.Select(Key)], [.. tokens.Select(token => (double[])[.. matched.SelectMany(head => Doubles(sequence.Value(token, head)))])]);
            }
            int from = Math.Max(0, (block * options.BlockTokens) - options.RecentTokens), element = options.Per == CamelotSharing.Layer ? kvHead * d : 0;
            foreach (var found in Enumerable.Range(from, row + 1 - from).Select(token => memory.Nearest(Key(token)).Slot).GroupBy(slot => slot))
            {
                SlotReference.Slot slot = memory.Slots[found.Key];
                float[] key = [.. slot.Key.AsSpan(element, d).ToArray().Select(value => (float)value)];
                double score = local ? Dot(far, slot.Key.AsSpan(element, d).ToArray()) : Dot(far, sequence.Rotate(key, 0));
                double tokens = options.Weight switch { CamelotWeight.One => 1, CamelotWeight.Count => slot.Count, _ => found.Count() };
                seen.Add((score + (Math.Log(tokens) * Math.Sqrt(d)), slot.Value.AsSpan(element, d).ToArray()));
                slots++;
            }
        }
        double sum = seen.Sum(each => Math.Exp(each.Score / Math.Sqrt(d)));
        return [.. Enumerable.Range(0, d).Select(i => seen.Sum(each => Math.Exp(each.Score / Math.Sqrt(d)) * each.Value[i]) / sum)];
    }

    private static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();

    private static double[] Doubles(ReadOnlySpan<float> row) => [.. row.ToArray().Select(value => (double)value)];
}
