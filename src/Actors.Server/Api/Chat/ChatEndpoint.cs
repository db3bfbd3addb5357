using System.Text;
using System.Text.Json;
using Actors.Grains.Abstractions;
using Actors.Server.Hosting;

namespace Actors.Server.Api;

/// <summary>POST /v1/chat/completions.</summary>
internal static partial class ChatEndpoint
{
    public static async Task HandleAsync(HttpContext context)
    {
        ChatCompletionRequest request = await RequestBody.ReadAsync(context, WireJson.Types.ChatCompletionRequest);
        string? session = SessionName.Read(context, request.Session);
        ISessionClient client = AccessRules.ClientOf(context);
        ModelIdentity model = context.RequestServices.GetRequiredService<ModelIdentity>();
        model.Check(request.Model);
        TurnRequest turn = ChatRequestReader.ReadTurn(request, stateless: session is null);
        long created = context.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow().ToUnixTimeSeconds();
        var answer = new ChatAnswerWriter($"chatcmpl-{Guid.NewGuid():N}", created, model, turn.Sampling.LogProbabilities);

        if (session is not null) context.Response.Headers["X-Session"] = session;
        IAsyncEnumerable<TurnEvent> events = client.RunTurnAsync(session, turn, context.RequestAborted);
        if (request.Stream == true)
            await StreamAsync(context, answer, events, request.StreamOptions?.IncludeUsage == true, inSession: session is not null);
        else
            await AnswerAsync(context, answer, events, inSession: session is not null);
    }

    private static async Task AnswerAsync(HttpContext context, ChatAnswerWriter answer, IAsyncEnumerable<TurnEvent> events, bool inSession)
    {
        var text = new StringBuilder();
        var logprobs = new List<ChatTokenLogprob>();
        TurnEnded? ended = null;
        await foreach (TurnEvent turnEvent in events)
        {
            switch (turnEvent)
            {
                case TurnAccepted accepted when inSession:
                    answer.Turn = accepted.TurnId;
                    break;
                case TurnDelta delta:
                    text.Append(delta.Text);
                    if (answer.LogprobOf(delta) is { } logprob) logprobs.Add(logprob);
                    break;
                case TurnEnded end:
                    text.Append(end.Text);
                    ended = end;
                    break;
            }
        }

        if (ended is null) throw new InvalidOperationException("The turn ended without its last event.");
        context.Response.ContentType = "application/json; charset=utf-8";
        await JsonSerializer.SerializeAsync(
            context.Response.Body, answer.Whole(text.ToString(), logprobs, ended), WireJson.Types.ChatCompletion, context.RequestAborted);
    }

    private static async Task StreamAsync(HttpContext context, ChatAnswerWriter answer, IAsyncEnumerable<TurnEvent> events, bool includeUsage, bool inSession)
    {
        var stream = new EventStream(context);
        try
        {
            await foreach (TurnEvent turnEvent in events)
            {
                switch (turnEvent)
                {
                    case TurnAccepted accepted:
                        answer.Turn = inSession ? accepted.TurnId : null;
                        await stream.SendAsync(answer.First(), WireJson.Types.ChatCompletionChunk);
                        break;
                    case TurnProgress progress:
                        await stream.SendCommentAsync($"computed {progress.ComputedTokens} of {progress.TotalTokens} tokens");
                        break;
                    case TurnDelta delta when delta.Text.Length > 0 || answer.WithLogprobs:
                        await stream.SendAsync(answer.Delta(delta), WireJson.Types.ChatCompletionChunk);
                        break;
                    case TurnEnded ended:
                        if (ended.Text.Length > 0) await stream.SendAsync(answer.Rest(ended.Text), WireJson.Types.ChatCompletionChunk);
                        await stream.SendAsync(answer.Last(ended), WireJson.Types.ChatCompletionChunk);
                        if (includeUsage) await stream.SendAsync(answer.Usage(ended), WireJson.Types.ChatCompletionChunk);
                        break;
                }
            }

            await stream.SendDoneAsync();
        }
        catch (Exception exception) when (context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
        {
            ApiException error = ErrorMapping.Map(exception);
            if (error.Status >= 500)
                LogStreamFailed(context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger("Actors.Server.Api"), exception);
            await stream.SendAsync(error.ToBody(), WireJson.Types.ErrorBody);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A streamed answer ended with an error")]
    private static partial void LogStreamFailed(ILogger logger, Exception exception);
}
