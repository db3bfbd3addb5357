namespace Actors.Conformance.State;

public sealed class CustomStateGrain([PersistentState("document", "custom")] IPersistentState<TextState> state) : Grain, ICustomStateGrain
{
    public Task SetAsync(string text)
    {
        state.State = new TextState { Text = text };
        return state.WriteStateAsync();
    }

    public Task<string?> GetAsync() => Task.FromResult(state.State.Text);
}
