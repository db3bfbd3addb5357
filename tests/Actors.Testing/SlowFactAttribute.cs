using Xunit;
using Xunit.Sdk;

namespace Actors.Testing;

/// <summary>A test that takes longer than a minute. It runs when the environment variable ACTORS_SLOW_TESTS is 1, and has the trait Category=Slow.</summary>
[TraitDiscoverer("Actors.Testing.SlowTraitDiscoverer", "Actors.Testing")]
[AttributeUsage(AttributeTargets.Method)]
public sealed class SlowFactAttribute : FactAttribute, ITraitAttribute
{
    public SlowFactAttribute()
    {
        if (Environment.GetEnvironmentVariable("ACTORS_SLOW_TESTS") != "1") Skip = "Slow: set ACTORS_SLOW_TESTS=1 to run it.";
    }
}
