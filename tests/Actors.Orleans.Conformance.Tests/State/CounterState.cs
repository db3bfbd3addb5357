namespace Actors.Conformance.State;

[GenerateSerializer]
[Alias("conformance.counterState")]
public sealed class CounterState
{
    [Id(0)]
    public int Number { get; set; }
}
