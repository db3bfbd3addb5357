namespace Actors.Attention;

/// <summary>What a policy may know about the model when it is made. Immutable.</summary>
/// <param name="TrainedWindow">Tokens of context that the model was really trained on, at least 16; defaults derive from it.</param>
public sealed record PolicyEnvironment(int TrainedWindow)
{
    /// <summary>Head counts of the model.</summary>
    /// <value>Null when nothing is known of them; policies that need them refuse then.</value>
    public AttentionShape? Shape { get; init; }

    /// <summary>Identity of the weights, with which files made for one model are checked.</summary>
    /// <value>Empty when it is not known.</value>
    public string ModelFingerprint { get; init; } = "";

    /// <summary>Directory of the model, where files made for it (head classes, projections) lie.</summary>
    /// <value>Null when there is none.</value>
    public string? ModelDirectory { get; init; }
}
