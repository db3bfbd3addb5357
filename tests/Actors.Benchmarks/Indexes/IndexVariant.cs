using Actors.Attention;

namespace Actors.Benchmarks.Indexes;

/// <summary>One index as it is built, and the widths that it is searched with.</summary>
/// <param name="Name">As the table calls it.</param>
/// <param name="Create">Makes it empty.</param>
/// <param name="Learns">Whether it is shown the queries of the text.</param>
/// <param name="Widths">Label and setting of every search width; the narrowest first.</param>
internal sealed record IndexVariant(string Name, Func<IKeyIndex> Create, bool Learns, IReadOnlyList<(string Label, Action<IKeyIndex> Set)> Widths)
{
    public static IReadOnlyList<IndexVariant> All(int headDim, int keys)
    {
        KeyIndexOptions options = new() { FaissTrainKeys = Math.Clamp(keys - 2048, 256, 131072), FaissLists = Math.Clamp(keys / 256, 16, 512) };
        (string, Action<IKeyIndex>)[] queues = [.. ((int[])[100, 150, 200, 400, 800]).Select(queue => ($"queue {queue}", (Action<IKeyIndex>)(index => ((GraphIndex)index).Queue = queue)))];
        (string, Action<IKeyIndex>)[] probes = [.. ((int[])[4, 16, 64, 128]).Select(probes => ($"nprobe {probes}", Faiss(probes)))];
        IndexVariant[] all =
        [
            new("plain fp32 scan", () => new PlainScan(headDim), false, [("", _ => { })]),
            new("flat", () => Make("flat"), false, [("", _ => { })]),
            new("clusters", () => Make("clusters"), false, [.. ((float[])[0.005f, 0.018f, 0.05f, 0.1f, 0.2f]).Select(share => (FormattableString.Invariant($"opened {share:P1}"), (Action<IKeyIndex>)(index => ((ClusterIndex)index).OpenedShare = share)))]),
            new("graph", () => Make("graph"), true, queues),
            new("graph, not taught", () => Make("graph"), false, queues),
            new("dci", () => Make("dci"), false, [.. ((int[])[24, 96, 384, 1536]).Select(field => ($"field {field}", (Action<IKeyIndex>)(index => ((DciIndex)index).Field = field)))]),
            new("faiss-hnsw", () => Make("faiss-hnsw"), false, [.. ((int[])[100, 200, 400, 800, 1600]).Select(width => ($"efSearch {width}", Faiss(width)))]),
            new("faiss-ivf", () => Make("faiss-ivf"), false, probes),
            new("faiss-pq", () => Make("faiss-pq"), false, probes),
        ];
        return [.. all.Where(variant => KeyIndexes.FaissAbsence is null || !variant.Name.StartsWith("faiss", StringComparison.Ordinal))];

        IKeyIndex Make(string kind) => KeyIndexes.Create(kind, headDim, options);

        static Action<IKeyIndex> Faiss(int breadth) => index => ((FaissIndex)index).Breadth = breadth;
    }
}
