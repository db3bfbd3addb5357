using System.Runtime.CompilerServices;

namespace Actors.Conformance.Messages;

public sealed class MessageGrain : Grain, IMessageGrain
{
    private readonly Fact _fact = new("fact", [1, 2, 3]);
    private Box _kept = new();

    public Task<Box> ChangeAsync(Box box)
    {
        box.Number = -1;
        box.Words.Add("changed");
        _kept = box;
        return Task.FromResult(_kept);
    }

    public Task<Box> KeptAsync() => Task.FromResult(_kept);

    public Task<int> IdentityAsync(Fact fact) => Task.FromResult(RuntimeHelpers.GetHashCode(fact));

    public Task<Fact> GetAsync() => Task.FromResult(_fact);

    public Task<int> ChangeCollectionsAsync(int[] numbers, List<int> list, Dictionary<string, int> map, byte[] bytes)
    {
        int sum = numbers.Sum() + list.Sum() + map.Values.Sum() + bytes.Length;
        numbers[0] = -1;
        list.Clear();
        map["new"] = 1;
        bytes[0] = 255;
        return Task.FromResult(sum);
    }

    public Task<Letter> EchoAsync(Letter letter) => Task.FromResult(letter);

    public Task<bool> SharesAsync(List<Box> boxes) => Task.FromResult(ReferenceEquals(boxes[0], boxes[1]) && ReferenceEquals(boxes[0].Inner, boxes[0]));

    public Task<(int Number, string? Text, DateTimeOffset Time, Guid Id, TimeSpan? Span)> ValuesAsync(
        int number, string? text, DateTimeOffset time, Guid id, TimeSpan? span) => Task.FromResult((number, text, time, id, span));
}
