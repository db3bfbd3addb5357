namespace Actors.Conformance.Messages;

[GenerateSerializer]
[Alias("conformance.box")]
public sealed class Box
{
    [Id(0)]
    public int Number { get; set; }

    [Id(1)]
    public List<string> Words { get; set; } = [];

    [Id(2)]
    public Box? Inner { get; set; }
}

[GenerateSerializer]
[Immutable]
[Alias("conformance.fact")]
public sealed record Fact([property: Id(0)] string Name, [property: Id(1)] int[] Numbers);

[GenerateSerializer]
[Alias("conformance.letter")]
public record Letter([property: Id(0)] string Text);

[GenerateSerializer]
[Alias("conformance.parcel")]
public sealed record Parcel(string Text, [property: Id(1)] double Weight) : Letter(Text);

/// <summary>Not marked, so that it cannot be a message.</summary>
public sealed class Unmarked
{
    public int Number { get; set; }
}
