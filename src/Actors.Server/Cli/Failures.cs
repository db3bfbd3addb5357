using System.Net.Sockets;
using Actors.Engine;
using Actors.Grains.Abstractions;
using Actors.Server.Evaluation;
using Actors.Storage;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace Actors.Server.Cli;

/// <summary>Turns an exception into one line and an exit code.</summary>
internal static class Failures
{
    public static (int Code, string Message) Explain(Exception exception, CancellationToken cancelled) => exception switch
    {
        CliException failure => (failure.Code, failure.Message),
        OperationCanceledException when cancelled.IsCancellationRequested => (ExitCode.Cancelled, "Cancelled. What was accepted is kept."),
        OptionsValidationException invalid => (ExitCode.Usage, string.Join(" ", invalid.Failures)),
        SessionException { Code: SessionErrorCode.Busy or SessionErrorCode.Stopping } busy => (ExitCode.Busy, busy.Message),
        SessionException { Code: SessionErrorCode.InvalidRequest } invalid => (ExitCode.Usage, invalid.Message),
        EngineBusyException busy => (ExitCode.Busy, busy.Message),
        HttpRequestException { InnerException: SocketException socket } => (ExitCode.Failed, $"The server cannot be reached: {socket.Message}. Is it running, and is --server right?"),
        FileNotFoundException or DirectoryNotFoundException => (ExitCode.NotFound, exception.Message),
        EvaluationException => (ExitCode.Usage, exception.Message),
        IOException { InnerException: AddressInUseException } => (ExitCode.Busy, $"{exception.Message} Stop that program, or listen elsewhere with --url."),
        DataFolderInUseException => (ExitCode.Busy, exception.Message),
        AggregateException { InnerException: { } inner } => Explain(inner, cancelled),
        _ => (ExitCode.Failed, exception.Message.ReplaceLineEndings(" ")),
    };

}
