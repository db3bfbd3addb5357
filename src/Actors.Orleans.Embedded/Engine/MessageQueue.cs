namespace Orleans.Runtime;

/// <summary>
/// Messages of one activation and the rule of who may run: one at a time, unless the grain is reentrant, the method always
/// interleaves, all that run and the next are read-only, or the call chain may re-enter. Not synchronized.
/// </summary>
internal sealed class MessageQueue(bool isReentrant)
{
    private readonly LinkedList<Message> _waiting = new();
    private readonly Dictionary<Guid, int> _reentrantSections = [];
    private Message? _blocking;
    private int _interleavable;

    public int Running { get; private set; }

    public int Waiting => _waiting.Count;

    public Message? First => _waiting.First?.Value;

    public bool IsIdle => Running == 0 && _waiting.Count == 0;

    /// <summary>Whether <see cref="TryTake"/> could give something; false is certain, true is not.</summary>
    public bool MayHaveNext => _waiting.Count != 0 && (_blocking is null || isReentrant || _interleavable != 0);

    public void Add(Message message)
    {
        _waiting.AddLast(message);
        if (message.MayInterleave)
            _interleavable++;
    }

    /// <summary>Takes the first message that may run now and counts it as running.</summary>
    public Message? TryTake()
    {
        if (!MayHaveNext)
            return null;
        for (LinkedListNode<Message>? node = _waiting.First; node is not null; node = node.Next)
        {
            Message message = node.Value;
            if (!MayRun(message))
                continue;
            Remove(node);
            Running++;
            if (_blocking is null && !message.IsAlwaysInterleave)
                _blocking = message;
            return message;
        }

        return null;
    }

    public void OnCompleted(Message message)
    {
        Running--;
        if (ReferenceEquals(_blocking, message))
            _blocking = null;
    }

    /// <summary>Removes a message that waits; false when it does not.</summary>
    public bool Remove(Message message)
    {
        LinkedListNode<Message>? node = _waiting.Find(message);
        if (node is null)
            return false;
        Remove(node);
        return true;
    }

    public List<Message> RemoveAll()
    {
        List<Message> all = [.. _waiting];
        _waiting.Clear();
        _interleavable = 0;
        return all;
    }

    public void EnterReentrantSection(Guid id) => _reentrantSections[id] = _reentrantSections.GetValueOrDefault(id) + 1;

    public void LeaveReentrantSection(Guid id)
    {
        if (_reentrantSections.TryGetValue(id, out int depth) && depth > 1)
            _reentrantSections[id] = depth - 1;
        else
            _reentrantSections.Remove(id);
    }

    private bool MayRun(Message message) =>
        Running == 0 || isReentrant || message.IsAlwaysInterleave || _blocking is null
        || (_blocking.IsReadOnly && message.IsReadOnly)
        || (message.ReentrancyId != Guid.Empty && _reentrantSections.ContainsKey(message.ReentrancyId));

    private void Remove(LinkedListNode<Message> node)
    {
        if (node.Value.MayInterleave)
            _interleavable--;
        _waiting.Remove(node);
    }
}
