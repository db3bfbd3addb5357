namespace Actors.Models.Tests;

/// <summary>Expected values were computed apart from this code, from the formulas of the papers.</summary>
public sealed class RopeFrequenciesTests
{
    [Fact]
    public void Compute_NoScaling_IsTheGeometricSeries() =>
        AssertClose([1, 0.1, 0.01, 0.001], RopeFrequencies.Compute(8, 10_000, null));

    [Fact]
    public void Compute_Linear_DividesEveryFrequency() =>
        AssertClose([0.25, 0.025, 0.0025, 0.00025], RopeFrequencies.Compute(8, 10_000, new RopeScaling(RopeScalingKind.Linear, 4, 2048)));

    [Fact]
    public void Compute_Yarn_RampsBetweenKeptAndInterpolated() => AssertClose(
        [1.0, 0.23717082451262847, 0.05, 0.007905694150420948, 0.0025, 0.0007905694150420947, 0.00025, 7.905694150420948e-05],
        RopeFrequencies.Compute(16, 10_000, new RopeScaling(RopeScalingKind.Yarn, 4, 64)));

    [Fact]
    public void Compute_YarnWithoutRounding_UsesFractionalChannels() => AssertClose(
        [1.0, 0.17782794100389226, 0.03162277660168379, 0.0055172704751341225, 0.0006074079378798391, 4.445698525097307e-05, 7.905694150420949e-06, 1.4058533129758728e-06],
        RopeFrequencies.Compute(16, 1e6, new RopeScaling(RopeScalingKind.Yarn, 4, 32768) { Truncate = false }));

    [Fact]
    public void Compute_Llama3_KeepsHighAndDividesLow() => AssertClose(
        [1.0, 0.0671330375110499, 0.001175188466589498, 0.00022789577303803467, 4.419417382415922e-05, 8.570255489881478e-06, 1.6619674677953088e-06, 3.2229329303788936e-07],
        RopeFrequencies.Compute(16, 500_000, new RopeScaling(RopeScalingKind.Llama3, 32, 64)));

    [Fact]
    public void AttentionScale_Yarn_IsStatedOrDerived()
    {
        var yarn = new RopeScaling(RopeScalingKind.Yarn, 4, 64);
        Assert.Equal(1.138629436111989, RopeFrequencies.AttentionScale(yarn), 1e-12);
        Assert.Equal(0.9405715251010841, RopeFrequencies.AttentionScale(yarn with { Mscale = 0.7, MscaleAllDim = 1.2 }), 1e-12);
        Assert.Equal(0.5, RopeFrequencies.AttentionScale(yarn with { AttentionFactor = 0.5 }));
        Assert.Equal(1, RopeFrequencies.AttentionScale(new RopeScaling(RopeScalingKind.Linear, 4, 64)));
        Assert.Equal(1, RopeFrequencies.AttentionScale(null));
    }

    private static void AssertClose(double[] expected, double[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++) Assert.Equal(1, actual[i] / expected[i], 1e-12);
    }
}
