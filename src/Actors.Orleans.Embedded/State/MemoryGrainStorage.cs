using System.Globalization;
using System.Runtime.CompilerServices;
using Orleans.Runtime;

namespace Orleans.Storage;

/// <summary>Keeps state in memory for as long as the silo lives. Records are copies: nobody shares them.</summary>
internal sealed class MemoryGrainStorage : IGrainStorage
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string State, GrainId Grain), (object? Value, string ETag)> _records = [];
    private readonly DeepCopier _copier = new(strict: false);
    private long _version;

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        lock (_gate)
        {
            bool exists = _records.TryGetValue((stateName, grainId), out (object? Value, string ETag) record);
            grainState.State = exists ? (T?)_copier.Copy(record.Value) : Empty<T>();
            grainState.ETag = exists ? record.ETag : null;
            grainState.RecordExists = exists;
        }

        return Task.CompletedTask;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        lock (_gate)
        {
            ThrowIfOther(stateName, grainId, grainState.ETag);
            string etag = (++_version).ToString(CultureInfo.InvariantCulture);
            _records[(stateName, grainId)] = (_copier.Copy(grainState.State), etag);
            grainState.ETag = etag;
            grainState.RecordExists = true;
        }

        return Task.CompletedTask;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        lock (_gate)
        {
            ThrowIfOther(stateName, grainId, grainState.ETag);
            _records.Remove((stateName, grainId));
            grainState.ETag = null;
            grainState.RecordExists = false;
        }

        return Task.CompletedTask;
    }

    private static T Empty<T>() =>
        typeof(T).IsValueType || typeof(T).GetConstructor(Type.EmptyTypes) is not null
            ? System.Activator.CreateInstance<T>()
            : (T)RuntimeHelpers.GetUninitializedObject(typeof(T));

    private void ThrowIfOther(string stateName, GrainId grainId, string? etag)
    {
        string? stored = _records.TryGetValue((stateName, grainId), out (object? Value, string ETag) record) ? record.ETag : null;
        if (stored != etag)
            throw new InconsistentStateException($"State {stateName} of grain {grainId} has another version in memory storage.", stored, etag);
    }
}
