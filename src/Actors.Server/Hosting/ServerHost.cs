using Actors.Server.Api;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging.Console;

namespace Actors.Server.Hosting;

/// <summary>A silo with the HTTP side in front.</summary>
public static class ServerHost
{
    /// <summary>Loads the model, takes the data folder and builds the server; nothing listens before it is started.</summary>
    /// <param name="options">Settings; not changed.</param>
    /// <returns>The server. Disposing it saves every session and gives the data folder back.</returns>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">A setting is not usable; all failures are listed.</exception>
    public static async Task<WebApplication> BuildAsync(ServerOptions options)
    {
        WebApplication app = Compose(options, builder => builder.AddSilo(options));
        try
        {
            app.Services.LoadSilo();
            return app;
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    /// <summary>Serves until the process is told to stop (SIGTERM, SIGINT) or the token is cancelled; then saves every session.</summary>
    /// <param name="options">Settings; not changed.</param>
    /// <param name="listening">Called once with the address, which holds the real port, as soon as requests are taken.</param>
    /// <param name="cancellationToken">Stops the server.</param>
    public static async Task RunAsync(ServerOptions options, Action<string> listening, CancellationToken cancellationToken)
    {
        await using WebApplication app = await BuildAsync(options);
        await app.StartAsync(cancellationToken);
        listening(AddressOf(app));
        await app.WaitForShutdownAsync(cancellationToken);
    }

    /// <summary>The address that a started server listens on.</summary>
    /// <param name="app">A started server.</param>
    public static string AddressOf(WebApplication app) =>
        app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First();

    /// <summary>The HTTP side over any backend.</summary>
    internal static WebApplication Compose(ServerOptions options, Action<WebApplicationBuilder> addBackend)
    {
        ServerOptionsValidator.ThrowIfInvalid(options);
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "actors" });
        builder.WebHost.UseKestrelCore().UseUrls(options.Url).ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // Somewhat above the real limit: a client that sends too much reads its error object instead of a broken connection.
            kestrel.Limits.MaxRequestBodySize = (long)options.MaxRequestMiB << 22;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(30);
        });
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton(options);
        // Standard output belongs to the command: with --json it is read by programs.
        builder.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Logging.AddSimpleConsole(console => console.SingleLine = true).SetMinimumLevel(LogLevel.Warning)
            .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None); // a failed start is reported by whoever started it
        builder.AddApi();
        addBackend(builder);

        WebApplication app = builder.Build();
        app.UseErrorObjects();
        app.UseAccessRules();
        app.UseRouting();
        app.MapApi();
        return app;
    }
}
