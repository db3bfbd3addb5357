using Actors.Grains.Abstractions;
using Microsoft.Extensions.Primitives;

namespace Actors.Server.Api;

/// <summary>Finds the name of the session in the header X-Session, the body or the address.</summary>
internal static class SessionName
{
    public const string Header = "X-Session";

    public static string? Read(HttpContext context, string? fromBody)
    {
        StringValues header = context.Request.Headers[Header];
        if (header.Count > 1) throw ApiException.Invalid($"The header {Header} occurs {header.Count} times; give it once.", Header);

        string? fromHeader = header.Count == 0 ? null : header[0];
        if (fromHeader is not null && fromBody is not null && fromHeader != fromBody)
            throw ApiException.Invalid($"The header {Header} and the field 'session' name different sessions; give one of them.", "session");

        string? name = fromHeader ?? fromBody;
        return name is null ? null : Check(name, fromHeader is null ? "session" : Header);
    }

    public static string Check(string name, string param) => SessionKey.IsValidName(name)
        ? name
        : throw ApiException.Invalid($"The session name given in '{param}' is not valid: {SessionKey.NameRule}.", param, "invalid_session_name");
}
