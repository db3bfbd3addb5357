using Orleans;

namespace Actors.Grains.Abstractions;

/// <summary>A session refused or ended a call for a reason that the caller can act on.</summary>
[GenerateSerializer]
[Alias("actors.session-exception")]
public sealed class SessionException : Exception
{
    /// <summary>Creates an exception without a message of its own.</summary>
    public SessionException()
    {
    }

    /// <summary>Creates an exception.</summary>
    /// <param name="message">Cause, value and what to do.</param>
    public SessionException(string message)
        : base(message)
    {
    }

    /// <summary>Creates an exception with its cause.</summary>
    /// <param name="message">Cause, value and what to do.</param>
    /// <param name="innerException">What went wrong below.</param>
    public SessionException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates an exception of a kind.</summary>
    /// <param name="code">The kind.</param>
    /// <param name="message">Cause, value and what to do.</param>
    /// <param name="parameter">Name of the request field that is to blame, if one is.</param>
    /// <param name="innerException">What went wrong below.</param>
    public SessionException(SessionErrorCode code, string message, string? parameter = null, Exception? innerException = null)
        : base(message, innerException)
    {
        Code = code;
        Parameter = parameter;
    }

    /// <summary>The kind of failure.</summary>
    [Id(0)]
    public SessionErrorCode Code { get; private set; }

    /// <summary>Name of the request field that is to blame, if one is.</summary>
    [Id(1)]
    public string? Parameter { get; private set; }
}
