using Microsoft.Extensions.Logging;

namespace Orleans.Runtime;

internal static partial class SiloLog
{
    [LoggerMessage(1, LogLevel.Warning, "A call that nobody waits for failed: {Message}")]
    public static partial void CallFailed(ILogger logger, Exception exception, Message message);

    [LoggerMessage(2, LogLevel.Warning, "A cancellation callback failed: {Message}")]
    public static partial void CancellationFailed(ILogger logger, Exception exception, Message message);

    [LoggerMessage(3, LogLevel.Error, "Grain {GrainId} could not be activated.")]
    public static partial void ActivationFailed(ILogger logger, Exception exception, GrainId grainId);

    [LoggerMessage(4, LogLevel.Error, "Grain {GrainId} failed while it was deactivated.")]
    public static partial void DeactivationFailed(ILogger logger, Exception exception, GrainId grainId);

    [LoggerMessage(5, LogLevel.Warning, "Reminder {Reminder} of grain {GrainId} failed.")]
    public static partial void ReminderFailed(ILogger logger, Exception exception, string reminder, GrainId grainId);

    [LoggerMessage(6, LogLevel.Warning, "An enumerator of grain {GrainId} failed while it was disposed.")]
    public static partial void EnumeratorDisposalFailed(ILogger logger, Exception exception, GrainId grainId);

    [LoggerMessage(7, LogLevel.Information, "Silo started with {Classes} grain classes.")]
    public static partial void SiloStarted(ILogger logger, int classes);

    [LoggerMessage(8, LogLevel.Information, "Silo stopped.")]
    public static partial void SiloStopped(ILogger logger);

    [LoggerMessage(9, LogLevel.Warning, "Grain {GrainId} had a call that did not end before the silo had to stop.")]
    public static partial void ActivationAbandoned(ILogger logger, GrainId grainId);
}
