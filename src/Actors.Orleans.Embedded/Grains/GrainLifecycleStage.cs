namespace Orleans.Runtime;

/// <summary>Stages of an activation's life, in order.</summary>
public static class GrainLifecycleStage
{
    /// <summary>Before everything.</summary>
    public const int First = int.MinValue;

    /// <summary>State is loaded.</summary>
    public const int SetupState = 1000;

    /// <summary>The grain is activated.</summary>
    public const int Activate = 2000;

    /// <summary>After everything.</summary>
    public const int Last = int.MaxValue;
}
