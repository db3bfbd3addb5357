namespace Actors.Attention.Tests.Policies;

public sealed class HipPolicyTests
{
    private const int Window = 64, Sinks = 16;
    private readonly RandomSequence _sequence = new(700, seed: 61, attentionScale: 1.1f);

    [Theory]
    [InlineData("true", 1, 4)]
    [InlineData("constant", 32, 2)]
    [InlineData("constant", 17, 16)]
    public void Execute_Halving_KeepsTheBetterHalfOfAllHalves(string positions, int chunk, int blockTokens)
    {
        const int Budget = 64;
        IAttentionPolicy policy = AttentionPolicies.Create($"hip:heads=each:budget={Budget}:block={blockTokens}:sinks={Sinks}:window={Window}:positions={positions}", 512);
        Check(policy, chunk, (first, end, score) =>
        {
            int blocks = (end - first) / blockTokens, count = Budget / blockTokens;
            List<(int Start, int End)> ranges = [.. Enumerable.Range(0, count).Select(i => (blocks * i / count, blocks * (i + 1) / count))];
            while (ranges.Any(range => range.End - range.Start > 1))
            {
                IEnumerable<(int Start, int End)> halves = ranges.SelectMany<(int Start, int End), (int Start, int End)>(range =>
                {
                    int middle = range.Start + ((range.End - range.Start + 1) / 2);
                    return middle < range.End ? [(range.Start, middle), (middle, range.End)] : [range];
                });
                ranges = [.. halves.OrderByDescending(half => Enumerable.Range(first + (half.Start * blockTokens), blockTokens).Max(score)).Take(count).OrderBy(half => half.Start)];
            }
            return ranges.SelectMany(range => Enumerable.Range(first + (range.Start * blockTokens), blockTokens));
        });
    }

    [Theory]
    [InlineData("true", 32)]
    [InlineData("constant", 1)]
    public void Execute_Stages_KeepChunksWhoseWalkEndsAtAGoodToken(string positions, int chunk)
    {
        const int Budget = 32;
        IAttentionPolicy policy = AttentionPolicies.Create($"hip:search=stages:heads=each:budget={Budget}:sinks={Sinks}:window={Window}:positions={positions}", 512);
        Check(policy, chunk, (first, end, score) =>
        {
            List<(int Start, int End)> ranges = [(first, end)];
            foreach ((int tokens, int kept) in (((int, int)[])[(256, 16 * Budget), (32, 4 * Budget), (8, Budget)]))
            {
                ranges = [.. ranges.SelectMany(range => Enumerable.Range(0, (range.End - range.Start + tokens - 1) / tokens)
                    .Select(i => (range.Start + (i * tokens), Math.Min(range.Start + ((i + 1) * tokens), range.End))))];
                if (ranges.Count * tokens > kept)
                    ranges = [.. ranges.OrderByDescending(range => Walk(range.Start, range.End, score)).Take(kept / tokens).OrderBy(range => range.Start)];
            }
            return ranges.SelectMany(range => Enumerable.Range(range.Start, range.End - range.Start));
        });
    }

    [Fact]
    public void Fingerprint_EveryOption_ChangesIt()
    {
        string[] specs = ["hip", "hip:budget=64", "hip:block=4", "hip:search=stages", "hip:heads=sum", "hip:sinks=32", "hip:window=64"];
        Assert.Equal(specs.Length, specs.Select(spec => AttentionPolicies.Create(spec, 512).Fingerprint).Distinct().Count());
    }

    private static double Walk(int start, int end, Func<int, double> score)
    {
        double best = score(start);
        while (end - start > 1)
        {
            int middle = start + ((end - start + 1) / 2);
            double there = score(middle);
            if (there > best)
                (start, best) = (middle, there);
            else
                end = middle;
        }
        return best;
    }

    private void Check(IAttentionPolicy policy, int chunk, Func<int, int, Func<int, double>, IEnumerable<int>> choose)
    {
        float[] outputs = _sequence.Run(policy, [chunk]);
        foreach (int row in (int[])[300, 455, 699])
        {
            AttentionView view = policy.View(row);
            bool constant = view.Sinks == SinkPlacement.Constant;
            for (int head = 0; head < _sequence.Shape.QueryHeads; head++)
            {
                double[] query = _sequence.Query(row, head, constant ? Window : row);
                double Score(int token) => _sequence.Key(token, head / _sequence.Shape.GroupSize, constant ? 0 : token).Zip(query, (x, y) => x * y).Sum();
                IEnumerable<(int, int, int)> remembered = Enumerable.Range(0, Sinks).Concat(choose(Sinks, view.WindowStart, Score)).Select(token => constant ? (token, 0, Window) : (token, token, row));
                double[] expected = _sequence.Reference(row, head, remembered.Concat(Enumerable.Range(view.WindowStart, row + 1 - view.WindowStart).Select(token => (token, token, row))));
                for (int i = 0; i < expected.Length; i++)
                    Assert.Equal(expected[i], outputs[(((row * _sequence.Shape.QueryHeads) + head) * _sequence.Shape.HeadDim) + i], 1e-4);
            }
        }
    }
}
