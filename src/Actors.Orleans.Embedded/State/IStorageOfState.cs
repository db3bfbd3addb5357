namespace Orleans.Core;

/// <summary>Typed state of a grain in a store.</summary>
public interface IStorage<TState> : IStorage
{
    /// <summary>The state in memory.</summary>
    TState State { get; set; }
}
