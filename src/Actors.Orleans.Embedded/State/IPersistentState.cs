using Orleans.Core;

namespace Orleans.Runtime;

/// <summary>A named piece of state of a grain. It is read before <see cref="IGrainBase.OnActivateAsync"/>.</summary>
public interface IPersistentState<TState> : IStorage<TState>;
