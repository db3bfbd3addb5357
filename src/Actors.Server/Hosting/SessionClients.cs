using System.Collections.Concurrent;

namespace Actors.Server.Hosting;

/// <summary>One session client per tenant. Safe for concurrent use.</summary>
internal sealed class SessionClients(Func<string, ISessionClient> create)
{
    private readonly ConcurrentDictionary<string, ISessionClient> _clients = new(StringComparer.Ordinal);

    public ISessionClient For(string tenant) => _clients.GetOrAdd(tenant, create);
}
