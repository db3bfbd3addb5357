using System.Globalization;

namespace Actors.Attention;

/// <summary>
/// A policy as users write it, <c>name:option=value:option=value</c>, taken apart. Options are asked for by name; what is malformed or was never
/// asked for is a failure, and all failures are reported together. For use by one thread.
/// </summary>
public sealed class PolicyArguments
{
    private const int MaxLength = 1024;
    private readonly Dictionary<string, string> _values = [];
    private readonly HashSet<string> _asked = [];
    private readonly List<string> _failures = [];

    private PolicyArguments(string spec, string name, PolicyEnvironment environment) => (Spec, Name, Environment) = (spec, name, environment);

    /// <summary>The whole text.</summary>
    public string Spec { get; }

    /// <summary>Name of the policy.</summary>
    public string Name { get; }

    /// <summary>What is known about the model.</summary>
    public PolicyEnvironment Environment { get; }

    /// <summary>Takes a spec apart.</summary>
    /// <param name="spec">Name and options; at most 1,024 characters.</param>
    /// <param name="environment">What is known about the model.</param>
    /// <exception cref="ArgumentException">An option is no <c>name=value</c>, stands twice, or the text is too long.</exception>
    public static PolicyArguments Parse(string spec, PolicyEnvironment environment)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(environment);
        if (spec.Length > MaxLength)
            throw new ArgumentException($"The attention policy has {spec.Length} characters; at most {MaxLength} are allowed.", nameof(spec));
        string[] parts = spec.Split(':');
        PolicyArguments arguments = new(spec, parts[0], environment);
        foreach (string part in parts.Skip(1))
        {
            int equals = part.IndexOf('=');
            if (equals <= 0)
                throw new ArgumentException($"'{part}' in the attention policy '{spec}' is no option; write name:option=value.", nameof(spec));
            if (!arguments._values.TryAdd(part[..equals], part[(equals + 1)..]))
                throw new ArgumentException($"The option '{part[..equals]}' stands twice in the attention policy '{spec}'.", nameof(spec));
        }
        return arguments;
    }

    /// <summary>A whole number.</summary>
    /// <param name="option">Name of the option.</param>
    /// <param name="otherwise">Value when it is not given.</param>
    public int Int(string option, int otherwise)
    {
        if (Text(option) is not { } text)
            return otherwise;
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value))
            return value;
        _failures.Add($"{option} is '{text}'; it must be a whole number.");
        return otherwise;
    }

    /// <summary>A number.</summary>
    /// <param name="option">Name of the option.</param>
    /// <param name="otherwise">Value when it is not given.</param>
    public float Number(string option, float otherwise)
    {
        if (Text(option) is not { } text)
            return otherwise;
        if (float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out float value) && float.IsFinite(value))
            return value;
        _failures.Add($"{option} is '{text}'; it must be a number.");
        return otherwise;
    }

    /// <summary>One of a few words.</summary>
    /// <typeparam name="T">The enumeration whose names, without regard to case, are the words.</typeparam>
    /// <param name="option">Name of the option.</param>
    /// <param name="otherwise">Value when it is not given.</param>
    public T Choice<T>(string option, T otherwise)
        where T : struct, Enum
    {
        if (Text(option) is not { } text)
            return otherwise;
        foreach (T value in Enum.GetValues<T>())
        {
            if (value.ToString().Equals(text, StringComparison.OrdinalIgnoreCase))
                return value;
        }
        _failures.Add($"{option} is '{text}'; it must be one of {string.Join(", ", Enum.GetNames<T>()).ToLowerInvariant()}.");
        return otherwise;
    }

    /// <summary>The text of an option, null when it is not given.</summary>
    /// <param name="option">Name of the option.</param>
    public string? Text(string option)
    {
        _asked.Add(option);
        return _values.GetValueOrDefault(option);
    }

    /// <summary>A policy inside of the policy: the text of an option, with what stands under <c>option.name=value</c> as that policy's own options.</summary>
    /// <param name="option">Name of the option.</param>
    /// <returns>The spec of the other policy, null when the option is not given.</returns>
    public string? Nested(string option)
    {
        string? name = Text(option);
        string[] given = [.. _values.Keys.Where(key => key.StartsWith(option + ".", StringComparison.Ordinal))];
        foreach (string key in given)
            _asked.Add(key);
        if (name is not null)
            return string.Join(':', [name, .. given.Select(key => $"{key[(option.Length + 1)..]}={_values[key]}")]);
        if (given.Length > 0)
            _failures.Add($"{string.Join(", ", given)}: these are options of another policy; name it with {option}=.");
        return null;
    }

    /// <summary>Head scores of the model; what is wrong with their file is reported with all other failures.</summary>
    /// <returns>Null when they cannot be read.</returns>
    internal HeadScores? HeadScores()
    {
        try
        {
            return HeadScoresFile.Read(Environment);
        }
        catch (HeadScoresException exception)
        {
            Fail(exception.Message);
            return null;
        }
    }

    /// <summary>Notes a failure, reported with all others.</summary>
    internal void Fail(string failure) => _failures.Add(failure);

    /// <summary>Throws when anything was wrong: options that are malformed, unknown, or out of range.</summary>
    /// <param name="outOfRange">What the options themselves object to.</param>
    /// <exception cref="ArgumentException">The message lists everything.</exception>
    public void ThrowOnFailures(IEnumerable<string> outOfRange)
    {
        ArgumentNullException.ThrowIfNull(outOfRange);
        IEnumerable<string> unknown = _values.Keys.Where(option => !_asked.Contains(option))
            .Select(option => $"There is no option '{option}'; known are {string.Join(", ", _asked.Order())}.");
        AttentionPolicies.ThrowOnFailures(Spec, [.. _failures, .. unknown, .. outOfRange]);
    }
}
