using System.Diagnostics.CodeAnalysis;

namespace Actors.Grains.Abstractions;

/// <summary>Grain key of a session: <c>tenant/session</c>. Both names are 1 to 128 characters out of A-Z a-z 0-9 . _ - : and begin with a letter or a digit.</summary>
public static class SessionKey
{
    /// <summary>Longest name of a tenant or a session, in characters.</summary>
    public const int MaxNameLength = 128;

    /// <summary>What a name may look like, as a sentence for error messages.</summary>
    public const string NameRule = "a name has 1 to 128 characters out of A-Z a-z 0-9 . _ - : and begins with a letter or a digit";

    /// <summary>Joins two valid names.</summary>
    /// <param name="tenant">Owner of the session.</param>
    /// <param name="session">Name of the session inside the tenant.</param>
    /// <exception cref="ArgumentException">One of the names is not valid.</exception>
    public static string Create(string tenant, string session)
    {
        if (!IsValidName(tenant)) throw new ArgumentException($"'{Shorten(tenant)}' is no tenant name: {NameRule}.", nameof(tenant));
        if (!IsValidName(session)) throw new ArgumentException($"'{Shorten(session)}' is no session name: {NameRule}.", nameof(session));
        return $"{tenant}/{session}";
    }

    /// <summary>Splits a grain key.</summary>
    /// <param name="key">A key made by <see cref="Create"/>.</param>
    /// <exception cref="ArgumentException">The key was not made by <see cref="Create"/>.</exception>
    public static (string Tenant, string Session) Parse(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        int slash = key.IndexOf('/', StringComparison.Ordinal);
        if (slash > 0 && IsValidName(key[..slash]) && IsValidName(key[(slash + 1)..]))
            return (key[..slash], key[(slash + 1)..]);

        throw new ArgumentException($"'{Shorten(key)}' is no session key: expected tenant/session, where {NameRule}.", nameof(key));
    }

    /// <summary>Whether the text may name a tenant or a session.</summary>
    /// <param name="name">The text.</param>
    public static bool IsValidName([NotNullWhen(true)] string? name)
    {
        if (name is null || name.Length is 0 or > MaxNameLength || !char.IsAsciiLetterOrDigit(name[0])) return false;
        foreach (char c in name)
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('.' or '_' or '-' or ':')) return false;

        return true;
    }

    private static string Shorten(string? name) => name is null ? "" : name.Length <= 40 ? name : name[..40] + "...";
}
