using Actors.Server.Hosting;

namespace Actors.Server.Cli;

/// <summary>Sessions to work on, and what has to be closed afterwards.</summary>
internal sealed class SessionAccess(ISessionClient sessions, IAsyncDisposable? owner) : IAsyncDisposable
{
    public ISessionClient Sessions { get; } = sessions;

    /// <summary>Connects to the server that the settings name, or else starts a silo over the data folder.</summary>
    public static async Task<SessionAccess> OpenAsync(Settings settings, CommandServices services, CancellationToken cancellationToken)
    {
        if (settings.Server is not null)
        {
            var client = new HttpSessionClient(settings.Server, settings.ApiKey);
            return new SessionAccess(client, client);
        }
        SiloHost silo = await SiloHost.StartAsync(SiloOptions.From(settings), cancellationToken);
        return new SessionAccess(silo.Sessions, silo);
    }

    public async ValueTask DisposeAsync()
    {
        if (owner is not null) await owner.DisposeAsync();
    }
}
