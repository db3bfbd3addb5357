using System.ComponentModel.DataAnnotations;
using System.Net;
using Actors.Attention;
using Actors.Grains.Abstractions;
using Actors.KvCache;
using Actors.Server.Api;
using Microsoft.Extensions.Options;

namespace Actors.Server.Hosting;

/// <summary>Checks <see cref="ServerOptions"/> before anything starts and reports every failure with the value that was set.</summary>
public sealed class ServerOptionsValidator : IValidateOptions<ServerOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, ServerOptions options)
    {
        List<string> failures = FindFailures(options);
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    /// <summary>Throws when something is wrong.</summary>
    /// <param name="options">The settings; not changed.</param>
    /// <exception cref="OptionsValidationException">At least one setting is not usable; its failures list them all.</exception>
    public static void ThrowIfInvalid(ServerOptions options)
    {
        List<string> failures = FindFailures(options);
        if (failures.Count > 0) throw new OptionsValidationException(nameof(ServerOptions), typeof(ServerOptions), failures);
    }

    /// <summary>Whether the address is only reachable from this machine.</summary>
    /// <param name="url">An http URL.</param>
    public static bool IsLoopback(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out Uri? uri)
        && (uri.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(uri.Host.Trim('[', ']'), out IPAddress? address) && IPAddress.IsLoopback(address)));

    private static List<string> FindFailures(ServerOptions options)
    {
        List<ValidationResult> results = [];
        Validator.TryValidateObject(options, new ValidationContext(options), results, validateAllProperties: true);
        List<string> failures = [.. results.Select(result => $"{result.ErrorMessage} It is {ValueOf(options, result)}.")];

        if (string.IsNullOrWhiteSpace(options.Data)) failures.Add("Data is empty; name a folder for the sessions.");
        if (options.Model is not null && !Directory.Exists(options.Model))
            failures.Add($"Model is '{options.Model}', which is not a directory; name one with config.json, safetensors and tokenizer.json.");
        if (!AttentionPolicies.IsKnown(options.Policy))
            failures.Add($"Policy is '{options.Policy}'; known are {string.Join(", ", AttentionPolicies.Names)}, each perhaps with options.");
        if (!Enum.TryParse(options.KvFormat, ignoreCase: true, out KvFormat format) || !Enum.IsDefined(format))
            failures.Add($"KvFormat is '{options.KvFormat}'; known are {string.Join(", ", Enum.GetNames<KvFormat>()).ToLowerInvariant()}.");
        if (!SessionKey.IsValidName(options.Tenant)) failures.Add($"Tenant is '{options.Tenant}': {SessionKey.NameRule}.");
        CheckUrl(options, failures);
        CheckKeys(options, failures);
        return failures;
    }

    private static void CheckUrl(ServerOptions options, List<string> failures)
    {
        if (!Uri.TryCreate(options.Url, UriKind.Absolute, out Uri? uri) || uri.Scheme != Uri.UriSchemeHttp || uri.AbsolutePath != "/")
        {
            failures.Add($"Url is '{options.Url}'; expected http://host:port. For https put a proxy in front.");
            return;
        }

        if (!IsLoopback(options.Url) && options.ApiKeys.Count == 0 && options.ApiKeyFile is null)
        {
            failures.Add(
                $"Url is '{options.Url}', which others can reach, and no API key is configured. " +
                "Set ACTORS_APIKEYFILE to a file with lines of 'tenant key', or bind to http://127.0.0.1.");
        }
    }

    private static void CheckKeys(ServerOptions options, List<string> failures)
    {
        if (options.ApiKeyFile is not null && !File.Exists(options.ApiKeyFile))
        {
            failures.Add($"ApiKeyFile is '{options.ApiKeyFile}', which does not exist.");
            return;
        }

        try
        {
            int count = 0;
            foreach ((string key, string tenant) in ApiKeys.Read(options))
            {
                count++;
                if (!SessionKey.IsValidName(tenant)) failures.Add($"An API key belongs to tenant '{tenant}': {SessionKey.NameRule}.");
                if (key.Length < 16) failures.Add($"An API key of tenant '{tenant}' has {key.Length} characters; at least 16 are needed.");
            }

            if (count == 0 && options.ApiKeyFile is not null) failures.Add($"ApiKeyFile is '{options.ApiKeyFile}', which holds no key.");
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            failures.Add(exception.Message);
        }
    }

    private static object? ValueOf(ServerOptions options, ValidationResult result) =>
        result.MemberNames.FirstOrDefault() is { } member ? typeof(ServerOptions).GetProperty(member)?.GetValue(options) : null;
}
