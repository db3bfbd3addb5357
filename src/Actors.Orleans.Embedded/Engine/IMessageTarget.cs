namespace Orleans.Runtime;

/// <summary>What the catalog has under a grain identity.</summary>
internal interface IMessageTarget
{
    /// <summary>Takes a message; false when the target has ended and the catalog has its successor.</summary>
    bool Receive(Message message);
}
