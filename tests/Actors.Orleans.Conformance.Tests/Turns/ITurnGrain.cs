using Orleans.Concurrency;

namespace Actors.Conformance.Turns;

[Alias("conformance.turn")]
public interface ITurnGrain : IGrainWithStringKey
{
    [Alias("append")]
    Task AppendAsync(int number);

    [Alias("appended")]
    Task<List<int>> AppendedAsync();

    [Alias("wait")]
    Task WaitAsync(string signal);

    [AlwaysInterleave]
    [Alias("interleave")]
    Task<string> InterleaveAsync();

    [ReadOnly]
    [Alias("waitReadOnly")]
    Task WaitReadOnlyAsync(string signal);

    [ReadOnly]
    [Alias("readOnly")]
    Task<string> ReadOnlyAsync();

    [Alias("schedulers")]
    Task<bool> KeepsItsSchedulerAsync();

    [Alias("callBack")]
    Task<string> CallBackAsync(ITurnGrain other, bool allow);

    [Alias("forward")]
    Task<string> ForwardAsync(ITurnGrain target);

    [Alias("plain")]
    Task<string> PlainAsync();

    [Alias("callSelf")]
    Task<string> CallSelfAsync();
}
