using Orleans.Concurrency;

namespace Actors.Conformance.Calls;

[Alias("conformance.call")]
public interface ICallGrain : IGrainWithStringKey
{
    [Alias("complete")]
    Task CompleteAsync();

    [Alias("echo")]
    Task<int> EchoAsync(int value);

    [Alias("completeValue")]
    ValueTask CompleteValueAsync();

    [Alias("echoValue")]
    ValueTask<string?> EchoValueAsync(string? value);

    [Alias("throw")]
    Task ThrowAsync(string message);

    [Alias("throwAtOnce")]
    Task ThrowAtOnceAsync(string message);

    [Alias("throwOwn")]
    Task ThrowOwnAsync();

    [Alias("forwardThrow")]
    Task ForwardThrowAsync(ICallGrain other);

    [Alias("activation")]
    Task<string> ActivationAsync();

    [Alias("keyOf")]
    Task<string> KeyOfAsync(ICallGrain other);

    [Alias("key")]
    Task<string> KeyAsync();

    [OneWay]
    [Alias("fire")]
    Task FireAsync(string signal);

    [Alias("waitFor")]
    Task WaitForAsync(string signal);

    [ResponseTimeout("00:05:00")]
    [Alias("waitLong")]
    Task WaitLongAsync(string signal);
}
