using Actors.KvCache;
using Actors.Storage;

namespace Actors.Server.Cli;

/// <summary>Page stores in a data folder of their own, which is removed afterwards: measuring uses the disk as sessions do, and leaves nothing.</summary>
internal sealed class TemporaryPageStores : IDisposable
{
    private const string Tenant = "measurement";

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("actors-measure-");
    private readonly DataFolder _folder;
    private readonly List<string> _sessions = [];

    public TemporaryPageStores() => _folder = DataFolder.Open(_directory.FullName);

    /// <summary>An empty store.</summary>
    public IPageStore Create()
    {
        _sessions.Add($"context-{_sessions.Count}");
        return _folder.Session(Tenant, _sessions[^1]).Pages;
    }

    /// <summary>Removes the pages of all stores so far, which must not be in use any more.</summary>
    public void Clear()
    {
        foreach (string session in _sessions) _folder.Delete(Tenant, session);
    }

    public void Dispose()
    {
        _folder.Dispose();
        _directory.Delete(recursive: true);
    }
}
