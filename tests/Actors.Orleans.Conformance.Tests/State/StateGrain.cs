using Orleans.Storage;

namespace Actors.Conformance.State;

public sealed class StateGrain(
    [PersistentState("counter", "memory")] IPersistentState<CounterState> counter,
    [PersistentState("text")] IPersistentState<TextState> text,
    Probe probe)
    : Grain, IStateGrain
{
    private readonly string _activation = Guid.NewGuid().ToString("N");
    private int _atActivation;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _atActivation = counter.State.Number;
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        probe.Signal(_activation + " ended", reason.ReasonCode.ToString());
        return Task.CompletedTask;
    }

    public Task SetAsync(int number)
    {
        counter.State.Number = number;
        return counter.WriteStateAsync();
    }

    public Task SetUnsavedAsync(int number)
    {
        counter.State.Number = number;
        return Task.CompletedTask;
    }

    public Task<int> GetAsync() => Task.FromResult(counter.State.Number);

    public Task<bool> IsStoredAsync() => Task.FromResult(counter.RecordExists && counter.Etag is not null);

    public Task ClearAsync() => counter.ClearStateAsync();

    public Task<int> AtActivationAsync() => Task.FromResult(_atActivation);

    public Task SetOtherAsync(string value)
    {
        text.State = new TextState { Text = value };
        return text.WriteStateAsync();
    }

    public Task<string?> GetOtherAsync() => Task.FromResult(text.State.Text);

    public async Task<string> SetAndCatchAsync(int number)
    {
        try
        {
            await SetAsync(number);
            return "written";
        }
        catch (InconsistentStateException)
        {
            return "conflict";
        }
    }

    public Task<string> ActivationAsync() => Task.FromResult(_activation);

    public Task DeactivateAsync()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }
}
