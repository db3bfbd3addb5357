using Microsoft.Extensions.Logging;

namespace Actors.Engine;

internal sealed partial class StepLoop
{
    [LoggerMessage(11, LogLevel.Error, "A step failed; the {Turns} turns in it are ended.")]
    private static partial void LogStepFailed(ILogger logger, Exception exception, int turns);

    [LoggerMessage(12, LogLevel.Error, "A turn failed after {ComputedTokens} computed tokens.")]
    private static partial void LogTurnFailed(ILogger logger, Exception exception, int computedTokens);

    [LoggerMessage(13, LogLevel.Warning, "Stored page {Page} of a sequence is damaged; its tokens and those after it are computed again.")]
    private static partial void LogPageLost(ILogger logger, Exception exception, int page);
}
