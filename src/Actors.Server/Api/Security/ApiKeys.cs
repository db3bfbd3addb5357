using System.Security.Cryptography;
using System.Text;
using Actors.Grains.Abstractions;
using Actors.Server.Hosting;

namespace Actors.Server.Api;

/// <summary>
/// Knows which key opens which tenant. Keys are kept as SHA-256 hashes; a look-up compares with all of them in constant time, so that its
/// duration says nothing about a key.
/// </summary>
internal sealed class ApiKeys
{
    private const string Scheme = "Bearer ";
    private readonly (byte[] Hash, string Tenant)[] _keys;

    public ApiKeys(ServerOptions options)
    {
        _keys = [.. Read(options).Select(pair => (Hash(pair.Key), pair.Tenant))];
    }

    /// <summary>Whether callers need a key.</summary>
    public bool Required => _keys.Length > 0;

    /// <summary>All configured keys, from the options and from the key file.</summary>
    /// <exception cref="InvalidDataException">A line of the key file is not <c>tenant key</c>.</exception>
    public static IEnumerable<(string Key, string Tenant)> Read(ServerOptions options)
    {
        foreach ((string key, string tenant) in options.ApiKeys) yield return (key, tenant);
        if (options.ApiKeyFile is null) yield break;

        int number = 0;
        foreach (string line in File.ReadLines(options.ApiKeyFile))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line) || line.StartsWith('#')) continue;
            string[] parts = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (parts.Length != 2 || !SessionKey.IsValidName(parts[0]))
                throw new InvalidDataException($"Line {number} of the API key file '{options.ApiKeyFile}' is not 'tenant key'.");
            yield return (parts[1], parts[0]);
        }
    }

    /// <summary>Finds the tenant of a request.</summary>
    /// <param name="authorization">Value of the header Authorization.</param>
    /// <exception cref="ApiException">The key is missing or unknown (401).</exception>
    public string FindTenant(string? authorization)
    {
        if (authorization is null || !authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
            throw new ApiException(401, "missing_api_key", "This server needs an API key: send the header 'Authorization: Bearer <key>'.");

        byte[] hash = Hash(authorization[Scheme.Length..].Trim());
        string? tenant = null;
        foreach ((byte[] known, string owner) in _keys)
            if (CryptographicOperations.FixedTimeEquals(known, hash)) tenant = owner;

        return tenant ?? throw new ApiException(401, "invalid_api_key", "The API key is not known to this server.");
    }

    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
