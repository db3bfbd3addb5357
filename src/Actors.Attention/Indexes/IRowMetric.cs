namespace Actors.Attention;

/// <summary>How good a row is for another one; more is better.</summary>
internal interface IRowMetric
{
    static abstract float Score(ReadOnlySpan<float> a, ReadOnlySpan<float> b);
}

/// <summary>Inner product: what a query wants of a key.</summary>
internal readonly struct ProductMetric : IRowMetric
{
    public static float Score(ReadOnlySpan<float> a, ReadOnlySpan<float> b) => RowKernel.Dot(a, b);
}

/// <summary>Negated squared distance: how alike two keys are.</summary>
internal readonly struct NearnessMetric : IRowMetric
{
    public static float Score(ReadOnlySpan<float> a, ReadOnlySpan<float> b) => -RowKernel.SquaredDistance(a, b);
}
