namespace Actors.Conformance.State;

[GenerateSerializer]
[Alias("conformance.textState")]
public sealed record TextState
{
    [Id(0)]
    public string? Text { get; init; }
}
