using Xunit.Abstractions;
using Xunit.Sdk;

namespace Actors.Testing;

/// <summary>Gives tests of <see cref="SlowFactAttribute"/> their trait.</summary>
public sealed class SlowTraitDiscoverer : ITraitDiscoverer
{
    public IEnumerable<KeyValuePair<string, string>> GetTraits(IAttributeInfo traitAttribute) => [new("Category", "Slow")];
}
