namespace Orleans.Runtime;

/// <summary>The activation whose turn runs on this thread.</summary>
internal static class RuntimeContext
{
    [ThreadStatic]
    private static Activation? CurrentActivation;

    public static Activation? Current
    {
        get => CurrentActivation;
        set => CurrentActivation = value;
    }
}
