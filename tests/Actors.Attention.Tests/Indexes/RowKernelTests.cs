namespace Actors.Attention.Tests.Indexes;

public sealed class RowKernelTests
{
    [Fact]
    public void Products_AnyLength_EqualTheDoubleReference()
    {
        Random random = new(1);
        for (int length = 1; length <= 257; length++)
        {
            float[] a = [.. Enumerable.Range(0, length).Select(_ => random.NextSingle() - 0.5f)], b = [.. a.Select(_ => random.NextSingle() - 0.5f)];
            double dot = a.Zip(b, (x, y) => (double)x * y).Sum(), distance = a.Zip(b, (x, y) => ((double)x - y) * ((double)x - y)).Sum();
            double rounding = length * 1.2e-7; // one rounding of at most half a unit per term, terms below 1
            Assert.Equal(dot, RowKernel.Dot(a, b), rounding);
            Assert.Equal(distance, RowKernel.SquaredDistance(a, b), 2 * rounding);
            Assert.Equal(0, RowKernel.SquaredDistance(a, a));
        }
    }

    [Fact]
    public void Largest_WithTies_IsTheFirstOfTheLargest()
    {
        Random random = new(2);
        for (int trial = 0; trial < 500; trial++)
        {
            float[] values = [.. Enumerable.Range(0, 64).Select(_ => trial == 0 ? float.NegativeInfinity : random.Next(-20, 20))];
            (int index, float value) = RowKernel.Largest(values);
            Assert.Equal(values.Max(), value);
            Assert.Equal(Array.IndexOf(values, value), index);
        }
    }

    [Fact]
    public void BestKeys_AnyOrder_KeepsTheBestAndOfEqualOnesTheEarlier()
    {
        Random random = new(3);
        BestKeys best = new();
        for (int trial = 0; trial < 300; trial++)
        {
            int offered = random.Next(60), limit = random.Next(20);
            float[] values = [.. Enumerable.Range(0, offered).Select(_ => random.Next(8))];
            int[] order = [.. Enumerable.Range(0, offered)], ids = new int[limit];
            random.Shuffle(order);
            best.Reset(limit);
            foreach (int id in order)
                best.Offer(id, values[id]);
            int[] expected = [.. Enumerable.Range(0, offered).OrderByDescending(id => values[id]).ThenBy(id => id).Take(limit)];
            Assert.Equal(expected.Length == limit && limit > 0 ? values[expected[^1]] : limit == 0 ? float.PositiveInfinity : float.NegativeInfinity, best.Floor);
            float[] scores = new float[limit];
            Assert.Equal(expected.Length, best.Take(ids, scores));
            Assert.Equal(expected, ids[..expected.Length]);
            Assert.Equal(expected.Select(id => values[id]), scores[..expected.Length]);
        }
    }

    [Fact]
    public void BeamQueue_WalkOfAnyOrder_ExpandsTheBestFirstAndKeepsTheBest()
    {
        Random random = new(4);
        BeamQueue beam = new();
        for (int trial = 0; trial < 200; trial++)
        {
            int limit = 1 + random.Next(15);
            beam.Reset(limit);
            Dictionary<int, float> seen = [];
            HashSet<int> expanded = [];
            for (int node = 0; node < 60; node++)
            {
                float score = random.NextSingle();
                seen.Add(node, score);
                beam.Offer(node, score);
                int[] kept = [.. seen.OrderByDescending(entry => entry.Value).Take(limit).Select(entry => entry.Key)];
                Assert.Equal(kept, Enumerable.Range(0, beam.Count).Select(rank => beam[rank].Node));
                if (random.Next(3) > 0)
                    continue;
                int? next = beam.Next;
                Assert.Equal(kept.Any(other => !expanded.Contains(other)), beam.TryExpand(out int chosen));
                if (next is null)
                    continue;
                Assert.Equal(next, chosen);
                Assert.Equal(kept.First(other => !expanded.Contains(other)), chosen);
                Assert.True(expanded.Add(chosen));
            }
        }
    }
}
