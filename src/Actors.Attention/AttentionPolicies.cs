namespace Actors.Attention;

/// <summary>The policies by name.</summary>
public static class AttentionPolicies
{
    /// <summary>Tokens of a query block: rows of a long chunk that choose their distant groups together. Blocks are aligned to positions.</summary>
    public const int QueryBlockTokens = 32;

    // Policies that choose what to read for single queries leave long chunks to `auto` unless the user says otherwise.
    private static readonly (string Name, bool ReadsChunks, Func<PolicyArguments, IAttentionPolicy> Create)[] Known =
    [
        ("auto", true, AutoPolicy.Create),
        ("dense", true, DensePolicy.Create),
        ("streaming", true, StreamingPolicy.Create),
        ("blocks", true, BlocksPolicy.Create),
        ("camelot", true, CamelotPolicy.Create),
        ("retrieval", false, RetrievalPolicy.Create),
        ("extended-mind", false, ExtendedMindPolicy.Create),
        ("quest", false, QuestPolicy.Create),
        ("l2norm", false, L2NormPolicy.Create),
        ("minference", true, MinferencePolicy.Create),
        ("sample", true, SamplePolicy.Create),
        ("loki", false, LokiPolicy.Create),
        ("recycled", false, RecycledPolicy.Create),
        ("clusters", false, ClustersPolicy.Create),
        ("hyper", true, HyperPolicy.Create),
        ("razor", false, RazorPolicy.Create),
        ("duo", false, DuoPolicy.Create),
        ("longheads", false, LongHeadsPolicy.Create),
        ("snapkv", false, SnapKvPolicy.Create),
        ("pyramid", false, SnapKvPolicy.CreatePyramid),
        ("hip", false, HipPolicy.Create),
        ("iceformer", false, IceFormerPolicy.Create),
    ];

    /// <summary>Names that <see cref="Create(string, PolicyEnvironment)"/> knows; the first is the default.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Known.Select(known => known.Name)];

    /// <summary>Whether a spec begins with the name of a policy. Its options are checked when the policy is made.</summary>
    /// <param name="spec">Name, perhaps with options.</param>
    public static bool IsKnown(string spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return Names.Contains(spec.Split(':')[0]);
    }

    /// <summary>Makes a policy with the default options.</summary>
    /// <param name="spec">Name, perhaps with options.</param>
    /// <param name="trainedWindow">Tokens of context that the model was really trained on, at least 16.</param>
    /// <exception cref="ArgumentException">As of the other overload.</exception>
    public static IAttentionPolicy Create(string spec, int trainedWindow) => Create(spec, new PolicyEnvironment(trainedWindow));

    /// <summary>Makes the policy that a spec describes: <c>name:option=value:option=value</c>, for instance <c>blocks:window=1024</c>.</summary>
    /// <param name="spec">
    /// A name of <see cref="Names"/> and options of that policy, or of all policies: <c>prefill</c>, the policy that reads chunks longer than one
    /// query block (by default the policy itself, or `auto` for policies that choose for single queries; its own options are written
    /// <c>prefill.option=value</c>), <c>temperature</c>, <c>act</c>, and <c>share</c>.
    /// </param>
    /// <param name="environment">What is known about the model.</param>
    /// <exception cref="ArgumentException">
    /// An unknown name, a trained window below 16, or options that are unknown, malformed or out of range; the message lists all of them.
    /// </exception>
    public static IAttentionPolicy Create(string spec, PolicyEnvironment environment)
    {
        ArgumentNullException.ThrowIfNull(environment);
        CheckTrainedWindow(environment.TrainedWindow);
        PolicyArguments arguments = PolicyArguments.Parse(spec, environment);
        (_, bool readsChunks, Func<PolicyArguments, IAttentionPolicy> create) = Find(arguments.Name);
        string? prefill = arguments.Nested("prefill");
        ReadOptions options = ReadOptions.From(arguments);
        IAttentionPolicy decode = create(arguments);
        if (prefill is null && !readsChunks)
            prefill = "auto";
        if (prefill is null && options == ReadOptions.None && spec == decode.Name)
            return decode;
        ComposedPolicy composed = new(spec, decode, prefill is null ? decode : CreatePrefill(prefill, environment), options);
        if (composed.KeepsValues && options.Sharing != LayerSharing.None)
            throw new ArgumentException($"'{spec}' cannot share attention weights between layers: it keeps values of its own for each layer. Leave share out.", nameof(spec));
        if (options.Sinks is not null && !(ReadsWindows(decode) && (ReferenceEquals(composed.Prefill, composed) || ReadsWindows(composed.Prefill))))
            throw new ArgumentException($"'{spec}' cannot calibrate sinks: act needs windows that are read exactly, which auto, dense, streaming and blocks have, in decoding and as prefill. Leave act out.", nameof(spec));
        return composed;
    }

    private static bool ReadsWindows(IAttentionPolicy policy) => policy is AutoPolicy or DensePolicy or StreamingPolicy or BlocksPolicy;

    internal static void CheckTrainedWindow(int trainedWindow)
    {
        if (trainedWindow < 16)
            throw new ArgumentOutOfRangeException(nameof(trainedWindow), trainedWindow, "The trained window must be at least 16 tokens; check max_position_embeddings of the checkpoint.");
    }

    internal static void ThrowOnFailures(string policy, IEnumerable<string> failures)
    {
        string text = string.Join(" ", failures);
        if (text.Length > 0)
            throw new ArgumentException($"The options of the attention policy '{policy}' are out of range: {text}", "options");
    }

    private static IAttentionPolicy CreatePrefill(string spec, PolicyEnvironment environment)
    {
        PolicyArguments arguments = PolicyArguments.Parse(spec, environment);
        return Find(arguments.Name).Create(arguments);
    }

    private static (string Name, bool ReadsChunks, Func<PolicyArguments, IAttentionPolicy> Create) Find(string name)
    {
        foreach (var known in Known)
        {
            if (known.Name == name)
                return known;
        }
        throw new ArgumentException($"There is no attention policy '{name}'; use one of {string.Join(", ", Names)}.", nameof(name));
    }
}
