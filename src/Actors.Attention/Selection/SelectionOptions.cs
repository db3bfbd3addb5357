namespace Actors.Attention;

/// <summary>How the distant keys are summarised for choosing.</summary>
public enum SelectionKind
{
    /// <summary>Per-channel minimum and maximum of 16-token groups: an upper bound of every key's score (Quest).</summary>
    Bounds,

    /// <summary>
    /// Mean of the four keys of a 64-token page that drew the most attention while they were in the window (InfLLM). For comparison: it loses
    /// facts that the bounds find, and what drew attention is not stored, so after a restore the four keys with the largest norm stand in.
    /// </summary>
    Representatives,
}

/// <summary>Which distant groups a query reads.</summary>
/// <remarks>Source: arXiv:2406.10774 (Quest) for the bounds, arXiv:2402.04617 (InfLLM) for the structure and the representatives.</remarks>
public sealed record SelectionOptions
{
    /// <summary>How groups are summarised.</summary>
    /// <value>Default <see cref="SelectionKind.Bounds"/>.</value>
    public SelectionKind Kind { get; init; } = SelectionKind.Bounds;

    /// <summary>Groups with the highest bounds whose keys are scored exactly, per KV head.</summary>
    /// <value>16-token groups, 1 to 4,096. Default 64.</value>
    public int BeamGroups { get; init; } = 64;

    /// <summary>Groups of the beam whose keys take part in the answer, those with the highest exact scores.</summary>
    /// <value>16-token groups, 1 to <see cref="BeamGroups"/>. Default 16.</value>
    public int KeptGroups { get; init; } = 16;

    /// <summary>Index nodes opened per query and KV head at most. It bounds the worst case; the search is exact when it ends earlier.</summary>
    /// <value>Nodes of 16 children, 1 to 65,536. Default 64. A block of a long chunk opens 64 at most.</value>
    public int OpenedNodes { get; init; } = 64;

    /// <summary>
    /// Groups of a first, small search that opens as many nodes. Only query heads whose best key found by it could draw a share of attention worth looking
    /// for (see <see cref="ProbeMargin"/>) go on to the full beam: most heads of a model look near, and searching for them is wasted.
    /// </summary>
    /// <value>16-token groups, 0 to 4,096; 0 searches fully at once. Default 8.</value>
    public int ProbeGroups { get; init; } = 8;

    /// <summary>How far the best probed key's score may lie below the LSE of a query's window before the head is taken to look near.</summary>
    /// <value>Natural logarithm of a share, 0 to 100. Default 1.5: below that, a key draws less than a quarter of what the window draws.</value>
    public float ProbeMargin { get; init; } = 1.5f;

    internal IEnumerable<string> Failures()
    {
        if (!Enum.IsDefined(Kind))
            yield return $"Kind is {Kind}; use Bounds or Representatives.";
        if (BeamGroups is < 1 or > 4096)
            yield return $"BeamGroups is {BeamGroups}; it must be 1 to 4096.";
        if (KeptGroups < 1 || KeptGroups > BeamGroups)
            yield return $"KeptGroups is {KeptGroups}; it must be 1 to BeamGroups ({BeamGroups}).";
        if (OpenedNodes is < 1 or > 65536)
            yield return $"OpenedNodes is {OpenedNodes}; it must be 1 to 65536.";
        if (ProbeGroups is < 0 or > 4096)
            yield return $"ProbeGroups is {ProbeGroups}; it must be 0 to 4096.";
        if (!(ProbeMargin is >= 0 and <= 100))
            yield return $"ProbeMargin is {ProbeMargin}; it must be 0 to 100.";
    }

    internal string Fingerprint => $"{Kind},{BeamGroups},{KeptGroups},{OpenedNodes},{ProbeGroups},{ProbeMargin.ToString(System.Globalization.CultureInfo.InvariantCulture)}";
}
