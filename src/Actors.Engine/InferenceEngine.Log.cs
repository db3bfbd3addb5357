using Microsoft.Extensions.Logging;

namespace Actors.Engine;

public sealed partial class InferenceEngine
{
    [LoggerMessage(
        1, LogLevel.Information, "Engine started: model {Model}, {Threads} threads, KV budget {KvBudgetBytes} bytes, default policy {Policy}.")]
    private static partial void LogStarted(ILogger logger, string model, int threads, long kvBudgetBytes, string policy);

    [LoggerMessage(2, LogLevel.Critical, "The engine stopped because of an internal fault. Restart the process.")]
    private static partial void LogStopped(ILogger logger, Exception exception);

    [LoggerMessage(3, LogLevel.Information, "The key indexes by FAISS are left out. {Reason}")]
    private static partial void LogFaissLeftOut(ILogger logger, string reason);
}
