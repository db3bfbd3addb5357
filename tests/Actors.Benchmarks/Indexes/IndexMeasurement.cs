using System.Diagnostics;
using Actors.Attention;

namespace Actors.Benchmarks.Indexes;

/// <summary>Builds every index over every head, one head at a time, and asks all of them the same queries in turns.</summary>
internal sealed class IndexMeasurement(IReadOnlyList<IndexVariant> variants, int headDim, int top, int rounds)
{
    private const int SingleAppends = 1024;
    private readonly Dictionary<(int Variant, int Width), Samples> _samples = [];
    private readonly int[] _ids = new int[top];
    private readonly float[] _scores = new float[top];
    private readonly IndexScratch _scratch = new();

    public void Add(RecordedHead head)
    {
        HeadTruth truth = HeadTruth.Of(head, headDim, top);
        List<IKeyIndex> indexes = [];
        try
        {
            for (int variant = 0; variant < variants.Count; variant++)
                indexes.Add(Build(head, variant));
            for (int round = 0; round < rounds; round++)
            {
                for (int variant = 0; variant < variants.Count; variant++)
                {
                    for (int width = 0; width < variants[variant].Widths.Count; width++)
                        Ask(head, truth, indexes[variant], variant, width, round);
                }
            }
        }
        finally
        {
            indexes.ForEach(index => index.Dispose());
        }
    }

    public IReadOnlyList<IndexRow> Rows() => [.. _samples.OrderBy(entry => entry.Key).Select(entry => Row(entry.Key.Variant, entry.Key.Width, entry.Value))];

    private IKeyIndex Build(RecordedHead head, int variant)
    {
        IKeyIndex index = variants[variant].Create();
        int keys = head.Keys.Length / headDim, first = Math.Max(keys - SingleAppends, 0);
        long start = Stopwatch.GetTimestamp();
        index.Append(head.Keys.AsSpan(0, first * headDim));
        if (variants[variant].Learns)
            index.Learn(head.Learned);
        double built = Stopwatch.GetElapsedTime(start).TotalSeconds;
        start = Stopwatch.GetTimestamp();
        for (int key = first; key < keys; key++)
            index.Append(head.Keys.AsSpan(key * headDim, headDim));
        double appended = Stopwatch.GetElapsedTime(start).TotalMicroseconds / (keys - first);
        for (int width = 0; width < variants[variant].Widths.Count; width++)
        {
            Samples samples = Of(variant, width);
            samples.Build.Add(built);
            samples.Append.Add(appended);
            samples.Bytes.Add((double)index.Bytes / keys);
        }
        return index;
    }

    private void Ask(RecordedHead head, HeadTruth truth, IKeyIndex index, int variant, int width, int round)
    {
        variants[variant].Widths[width].Set(index);
        Samples samples = Of(variant, width);
        int asked = truth.Ids.Length;
        if (round == 0)
        {
            samples.Times.Add([.. Enumerable.Range(0, asked).Select(_ => new double[rounds])]);
            samples.Heads.Add([]);
        }
        for (int query = 0; query < asked; query++)
        {
            ReadOnlySpan<float> row = head.Asked.AsSpan(query * headDim, headDim);
            long start = Stopwatch.GetTimestamp();
            int found = index.Search(row, top, _ids, _scores, _scratch);
            samples.Times[^1][query][round] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
            if (round > 0)
                continue;
            double mass = _scores.AsSpan(0, found).ToArray().Sum(score => Math.Exp(score - truth.AllMass[query]));
            double near = Math.Exp(head.NearMass[query] - truth.AllMass[query]);
            samples.Heads[^1].Add(new(
                (double)_scratch.Scored / index.Count, _ids.AsSpan(0, found).ToArray().Count(truth.Ids[query].Contains) / (double)top,
                mass / Math.Exp(truth.TopMass[query] - truth.AllMass[query]), mass, (mass + near) / (1 + near)));
        }
    }

    private IndexRow Row(int variant, int width, Samples samples)
    {
        Answer[] all = [.. samples.Heads.SelectMany(head => head)];
        return new()
        {
            Index = variants[variant].Name,
            Width = variants[variant].Widths[width].Label,
            BuildSeconds = samples.Build.Average(),
            AppendMicroseconds = samples.Append.Average(),
            BytesPerKey = samples.Bytes.Average(),
            QueryMicroseconds = Median([.. samples.Times.SelectMany(head => head).Select(Median)]),
            Touched = all.Average(answer => answer.Touched),
            Recall = all.Average(answer => answer.Recall),
            MassOfBest = all.Average(answer => answer.MassOfBest),
            WorstHead = samples.Heads.Min(head => head.Average(answer => answer.MassOfBest)),
            MassOfDistant = all.Average(answer => answer.MassOfDistant),
            MassOfAll = all.Average(answer => answer.MassOfAll),
        };
    }

    private Samples Of(int variant, int width)
    {
        if (!_samples.TryGetValue((variant, width), out Samples? samples))
            _samples.Add((variant, width), samples = new());
        return samples;
    }

    private static double Median(double[] values)
    {
        Array.Sort(values);
        return values[values.Length / 2];
    }

    private readonly record struct Answer(double Touched, double Recall, double MassOfBest, double MassOfDistant, double MassOfAll);

    private sealed class Samples
    {
        public List<double> Build { get; } = [];

        public List<double> Append { get; } = [];

        public List<double> Bytes { get; } = [];

        public List<double[][]> Times { get; } = []; // [heads][queries][rounds]

        public List<List<Answer>> Heads { get; } = [];
    }
}
