namespace Orleans.Runtime;

/// <summary>Who replaces an activation that ends.</summary>
internal interface IActivationOwner
{
    /// <summary>
    /// Called once, while <paramref name="ended"/> takes no messages. The messages that it did not run go, in order, to its successor.
    /// </summary>
    void Replace(Activation ended, IReadOnlyList<Message> waiting);
}
