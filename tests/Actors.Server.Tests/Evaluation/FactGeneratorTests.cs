using Actors.Server.Evaluation;

namespace Actors.Server.Tests.Evaluation;

public sealed class FactGeneratorTests
{
    [Fact]
    public void CreateFacts_ManySeeds_EveryFactIsToldWithItsValueAndItsKeyIsItsOwn()
    {
        for (int seed = 0; seed < 200; seed++)
        {
            IReadOnlyList<Fact> facts = new FactGenerator(new SeededRandom(seed)).CreateFacts(20);

            Assert.Equal(20, facts.Select(fact => fact.Key).Distinct().Count());
            Assert.All(facts, fact => Assert.Contains(fact.Value, fact.Told));
            Assert.All(facts, fact => Assert.DoesNotContain(fact.Value, fact.Question));
            Assert.Single(facts, fact => fact.Kind == "pass key");
        }
    }
}
