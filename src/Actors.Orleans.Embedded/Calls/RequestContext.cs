namespace Orleans.Runtime;

/// <summary>
/// Values that travel with calls: what a caller sets, the callee and its callees see. Changes do not travel back.
/// Values are shared, not copied: use immutable ones.
/// </summary>
public static class RequestContext
{
    private static readonly AsyncLocal<Values> Current = new();

    /// <summary>Names of all values.</summary>
    public static IEnumerable<string> Keys => Current.Value.Data?.Keys.ToArray() ?? [];

    /// <summary>All values.</summary>
    public static IEnumerable<KeyValuePair<string, object>> Entries => Current.Value.Data?.ToArray() ?? [];

    /// <summary>
    /// Identity of the call chain section that may re-enter grains in it; empty when there is none.
    /// Setting it is done by <see cref="AllowCallChainReentrancy"/> and <see cref="SuppressCallChainReentrancy"/>.
    /// </summary>
    public static Guid ReentrancyId
    {
        get => Current.Value.ReentrancyId;
        set => Current.Value = Current.Value with { ReentrancyId = value };
    }

    /// <summary>A value; null when it is not set.</summary>
    public static object? Get(string key) => Current.Value.Data is { } data && data.TryGetValue(key, out object? value) ? value : null;

    /// <summary>Sets a value for this flow of control and the calls that it makes.</summary>
    public static void Set(string key, object value)
    {
        Values values = Current.Value;
        // A copy each time: an earlier flow or a call under way must not see the change.
        var data = values.Data is null ? new Dictionary<string, object>(StringComparer.Ordinal) : new(values.Data, StringComparer.Ordinal);
        data[key] = value;
        Current.Value = values with { Data = data };
    }

    /// <summary>Removes a value; false when it was not set.</summary>
    public static bool Remove(string key)
    {
        Values values = Current.Value;
        if (values.Data is null || !values.Data.ContainsKey(key))
            return false;
        var data = new Dictionary<string, object>(values.Data, StringComparer.Ordinal);
        data.Remove(key);
        Current.Value = values with { Data = data };
        return true;
    }

    /// <summary>Removes all values and the call chain identity.</summary>
    public static void Clear() => Current.Value = default;

    /// <summary>Until disposal, calls that this call chain makes may call this grain again while it waits (A, B, A).</summary>
    public static ReentrancySection AllowCallChainReentrancy()
    {
        Guid original = ReentrancyId;
        Guid id = original == Guid.Empty ? Guid.NewGuid() : original;
        return new ReentrancySection(original, id);
    }

    /// <summary>Until disposal, the call chain has no right to re-enter grains.</summary>
    public static ReentrancySection SuppressCallChainReentrancy() => new(ReentrancyId, Guid.Empty);

    internal static Dictionary<string, object>? Data => Current.Value.Data;

    internal static void Import(Dictionary<string, object>? data, Guid reentrancyId) => Current.Value = new Values(data, reentrancyId);

    /// <summary>A section that <see cref="AllowCallChainReentrancy"/> or <see cref="SuppressCallChainReentrancy"/> opened.</summary>
    public readonly struct ReentrancySection : IDisposable
    {
        private readonly Guid _original;
        private readonly Guid _entered;
        private readonly Activation? _activation;

        /// <summary>Opens a section.</summary>
        public ReentrancySection(Guid originalReentrancyId, Guid newReentrancyId)
        {
            _original = originalReentrancyId;
            _entered = newReentrancyId;
            _activation = RuntimeContext.Current;
            if (newReentrancyId != Guid.Empty)
                _activation?.EnterReentrantSection(newReentrancyId);
            ReentrancyId = newReentrancyId;
        }

        /// <summary>Closes the section.</summary>
        public void Dispose()
        {
            if (_entered != Guid.Empty)
                _activation?.LeaveReentrantSection(_entered);
            ReentrancyId = _original;
        }
    }

    private readonly record struct Values(Dictionary<string, object>? Data, Guid ReentrancyId);
}
