using Actors.Engine;
using Actors.Grains.Abstractions;

namespace Actors.Grains;

/// <summary>What a request must keep to, whatever it asks.</summary>
internal static class TurnLimits
{
    /// <exception cref="SessionException">A number is not usable.</exception>
    public static void Check(TurnRequest request, SessionGrainOptions options, long heldTokens)
    {
        if (request.MaxNewTokens is < 1)
            throw new SessionException(SessionErrorCode.InvalidRequest, $"The longest answer is {request.MaxNewTokens} tokens; it must be 1 or more.", "max_tokens");

        CheckLength(heldTokens, request.MaxNewTokens ?? 0, options);
    }

    /// <exception cref="SessionException">The policy is unknown, or cannot be used with the model.</exception>
    public static void CheckPolicy(InferenceEngine engine, string? policy)
    {
        if (policy is null) return;
        try
        {
            engine.CheckPolicy(policy);
        }
        catch (ArgumentException exception)
        {
            throw new SessionException(SessionErrorCode.InvalidRequest, MessageOf(exception), "policy", exception);
        }
    }

    /// <summary>The message without the name of a method's parameter, which says nothing to a caller.</summary>
    public static string MessageOf(ArgumentException exception) =>
        exception.ParamName is { } name ? exception.Message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal) : exception.Message;

    /// <exception cref="SessionException">The history would grow beyond the limit.</exception>
    public static void CheckLength(long promptTokens, long newTokens, SessionGrainOptions options)
    {
        if (promptTokens + newTokens <= options.MaxSessionTokens) return;
        throw new SessionException(
            SessionErrorCode.TooLong,
            $"The history would have {promptTokens:N0} tokens and the answer up to {newTokens:N0}; a session holds at most {options.MaxSessionTokens:N0}.");
    }
}
