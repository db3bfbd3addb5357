namespace Actors.Attention;

/// <summary>Which heads share one set of slots.</summary>
public enum CamelotSharing
{
    /// <summary>All KV heads of a layer: their keys are matched as one vector and get one slot.</summary>
    Layer,

    /// <summary>None: each KV head has slots of its own.</summary>
    Head,
}
