using Actors.Attention;
using Actors.Grains.Abstractions;

namespace Actors.Grains;

/// <summary>What a request must keep to, whatever it asks.</summary>
internal static class TurnLimits
{
    /// <exception cref="SessionException">A number or a name is not usable.</exception>
    public static void Check(TurnRequest request, SessionGrainOptions options, long heldTokens)
    {
        if (request.MaxNewTokens is < 1)
            throw new SessionException(SessionErrorCode.InvalidRequest, $"The longest answer is {request.MaxNewTokens} tokens; it must be 1 or more.", "max_tokens");

        CheckPolicy(request.Policy);
        CheckLength(heldTokens, request.MaxNewTokens ?? 0, options);
    }

    public static void CheckPolicy(string? policy)
    {
        if (policy is not null && !AttentionPolicies.IsKnown(policy))
        {
            throw new SessionException(
                SessionErrorCode.InvalidRequest, $"There is no attention policy of that name; known are {string.Join(", ", AttentionPolicies.Names)}.", "policy");
        }
    }

    /// <exception cref="SessionException">The history would grow beyond the limit.</exception>
    public static void CheckLength(long promptTokens, long newTokens, SessionGrainOptions options)
    {
        if (promptTokens + newTokens <= options.MaxSessionTokens) return;
        throw new SessionException(
            SessionErrorCode.TooLong,
            $"The history would have {promptTokens:N0} tokens and the answer up to {newTokens:N0}; a session holds at most {options.MaxSessionTokens:N0}.");
    }
}
