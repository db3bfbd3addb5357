namespace Actors.Conformance.Streams;

[GenerateSerializer]
[Alias("conformance.streamItem")]
public sealed class StreamItem
{
    [Id(0)]
    public int Number { get; set; }
}
