using System.Net;
using Actors.Server.Hosting;

namespace Actors.Server.Api;

/// <summary>
/// Decides who is let in. With API keys: whoever has one. Without: only requests that a page of another site cannot have made a browser
/// send, so the names of host and origin must be those of this machine.
/// </summary>
internal static class AccessRules
{
    private static readonly object TenantItem = new();

    public static void UseAccessRules(this WebApplication app)
    {
        ApiKeys keys = app.Services.GetRequiredService<ApiKeys>();
        ServerOptions options = app.Services.GetRequiredService<ServerOptions>();
        app.Use((context, next) =>
        {
            if (!keys.Required) RequireLocalNames(context.Request);
            bool open = context.Request.Path.Value is "/health" or "/ready";
            if (!open) context.Items[TenantItem] = keys.Required ? keys.FindTenant(context.Request.Headers.Authorization) : options.Tenant;
            return next(context);
        });
    }

    public static ISessionClient ClientOf(HttpContext context) =>
        context.RequestServices.GetRequiredService<SessionClients>().For((string)context.Items[TenantItem]!);

    private static void RequireLocalNames(HttpRequest request)
    {
        if (!IsLocal(request.Host.Host))
            throw new ApiException(421, "wrong_host", "Without API keys this server only answers to localhost, 127.0.0.1 and [::1].");

        string? origin = request.Headers.Origin;
        if (origin is null) return;
        if (!Uri.TryCreate(origin, UriKind.Absolute, out Uri? uri) || !IsLocal(uri.Host))
            throw new ApiException(403, "wrong_origin", "Without API keys this server does not answer pages of other sites.");
    }

    private static bool IsLocal(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address) && IPAddress.IsLoopback(address));
}
