using System.Runtime.CompilerServices;
using Actors.Engine;
using Actors.Grains.Abstractions;
using Actors.KvCache;
using Actors.Storage;

namespace Actors.Grains;

/// <summary>Translates failures of the rooms below into the one exception that crosses a grain call.</summary>
internal static class SessionFailures
{
    private const int UnixNoSpace = 28, UnixQuota = 122, WindowsDiskFull = unchecked((int)0x80070070), WindowsHandleDiskFull = unchecked((int)0x80070027);

    /// <summary>The exception that a caller should see; null when the original says it already.</summary>
    public static SessionException? Translate(Exception exception) => exception switch
    {
        SessionException or OperationCanceledException => null,
        _ when IsDiskFull(exception) => new SessionException(
            SessionErrorCode.StorageFull,
            "The disk of the data folder is full, so nothing more can be accepted. What was accepted and delivered is safe. Free some space and try again.",
            innerException: exception),
        JournalDamagedException or ManifestDamagedException or InvalidDataException => new SessionException(
            SessionErrorCode.JournalDamaged, $"The session cannot be used: {exception.Message} Other sessions are not affected.", innerException: exception),
        ManifestConflictException => new SessionException(SessionErrorCode.Fenced, exception.Message, innerException: exception),
        EngineBusyException busy => new SessionException(SessionErrorCode.Busy, busy.Message, innerException: busy),
        EngineFaultException { InnerException: { } inner } when Translate(inner) is { Code: not SessionErrorCode.EngineFailed } known => known,
        KvCapacityException or KvBudgetExceededException => new SessionException(SessionErrorCode.TooLong, exception.Message, innerException: exception),
        EngineFaultException => new SessionException(SessionErrorCode.EngineFailed, exception.Message, innerException: exception),
        ObjectDisposedException => new SessionException(SessionErrorCode.Stopping, "The silo is stopping.", innerException: exception),
        IOException or UnauthorizedAccessException => new SessionException(
            SessionErrorCode.StorageFailed, $"The data folder failed: {exception.Message}", innerException: exception),
        _ => null,
    };

    public static bool IsDiskFull(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
            if (exception is IOException && exception.HResult is UnixNoSpace or UnixQuota or WindowsDiskFull or WindowsHandleDiskFull) return true;

        return false;
    }

    /// <summary>Passes the items on and translates what the enumeration throws.</summary>
    public static async IAsyncEnumerable<T> TranslateAsync<T>(IAsyncEnumerable<T> source, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using IAsyncEnumerator<T> items = source.GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            try
            {
                if (!await items.MoveNextAsync()) yield break;
            }
            catch (Exception exception) when (Translate(exception) is { } known)
            {
                throw known;
            }

            yield return items.Current;
        }
    }
}
