namespace Actors.Conformance.Messages;

[Alias("conformance.message")]
public interface IMessageGrain : IGrainWithStringKey
{
    [Alias("change")]
    Task<Box> ChangeAsync(Box box);

    [Alias("keep")]
    Task<Box> KeptAsync();

    [Alias("identity")]
    Task<int> IdentityAsync(Fact fact);

    [Alias("get")]
    Task<Fact> GetAsync();

    [Alias("collections")]
    Task<int> ChangeCollectionsAsync(int[] numbers, List<int> list, Dictionary<string, int> map, byte[] bytes);

    [Alias("letter")]
    Task<Letter> EchoAsync(Letter letter);

    [Alias("shared")]
    Task<bool> SharesAsync(List<Box> boxes);

    [Alias("values")]
    Task<(int Number, string? Text, DateTimeOffset Time, Guid Id, TimeSpan? Span)> ValuesAsync(
        int number, string? text, DateTimeOffset time, Guid id, TimeSpan? span);
}
