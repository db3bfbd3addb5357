using System.Collections.Immutable;
using System.Globalization;
using Actors.Grains.Abstractions;
using Actors.Server.Hosting;

namespace Actors.Server.Api;

/// <summary>Routes under /v1/sessions.</summary>
internal static class SessionEndpoints
{
    private const int DefaultLimit = 20, MaxLimit = 1000, MaxRepeat = 8;

    public static async Task ListAsync(HttpContext context)
    {
        int limit = ReadLimit(context.Request.Query["limit"]);
        string? after = context.Request.Query["after"];
        if (after is not null) SessionName.Check(after, "after");
        SessionPage page = await ClientOf(context).ListAsync(after, limit, context.RequestAborted);
        var list = new SessionList([.. page.Sessions.Select(SessionEntry.From)], page.Next is not null, page.Next);
        await context.Response.WriteAsJsonAsync(list, WireJson.Types.SessionList, cancellationToken: context.RequestAborted);
    }

    public static async Task ShowAsync(HttpContext context)
    {
        string name = NameOf(context);
        SessionInfo info = await ClientOf(context).ShowAsync(name, context.RequestAborted) ?? throw Unknown(name);
        await context.Response.WriteAsJsonAsync(SessionEntry.From(info), WireJson.Types.SessionEntry, cancellationToken: context.RequestAborted);
    }

    public static async Task DeleteAsync(HttpContext context)
    {
        string name = NameOf(context);
        if (!await ClientOf(context).DeleteAsync(name, context.RequestAborted)) throw Unknown(name);
        await context.Response.WriteAsJsonAsync(new SessionDeleted(name, true), WireJson.Types.SessionDeleted, cancellationToken: context.RequestAborted);
    }

    public static async Task IngestAsync(HttpContext context)
    {
        string name = NameOf(context);
        IngestBody body = await RequestBody.ReadAsync(context, WireJson.Types.IngestBody);
        ChatRequestReader.RefuseOthers(body.Others);
        if (body.Repeat is < 1 or > MaxRepeat) throw ApiException.Invalid($"'repeat' must be a whole number from 1 to {MaxRepeat}.", "repeat");
        ImmutableArray<SessionItem> items = ReadItems(body);
        var request = new IngestRequest { Items = [.. Enumerable.Repeat(items, body.Repeat ?? 1).SelectMany(each => each)], Policy = body.Policy };
        IAsyncEnumerable<IngestProgress> progress = ClientOf(context).IngestAsync(name, request, context.RequestAborted);
        if (body.Stream == true)
        {
            await StreamAsync(context, name, progress);
            return;
        }

        IngestProgress last = new();
        await foreach (IngestProgress report in progress) last = report;
        await context.Response.WriteAsJsonAsync(IngestReport.From(name, last), WireJson.Types.IngestReport, cancellationToken: context.RequestAborted);
    }

    public static async Task ChangePolicyAsync(HttpContext context)
    {
        string name = NameOf(context);
        PolicyBody body = await RequestBody.ReadAsync(context, WireJson.Types.PolicyBody);
        ChatRequestReader.RefuseOthers(body.Others);
        if (body.Policy is null) throw ApiException.Invalid("The field 'policy' is missing.", "policy", "missing_required_parameter");
        SessionInfo info = await ClientOf(context).ChangePolicyAsync(name, body.Policy, context.RequestAborted) ?? throw Unknown(name);
        await context.Response.WriteAsJsonAsync(SessionEntry.From(info), WireJson.Types.SessionEntry, cancellationToken: context.RequestAborted);
    }

    public static async Task ShowReceiptAsync(HttpContext context)
    {
        string name = NameOf(context), turn = (string)context.Request.RouteValues["turn"]!;
        if (await ClientOf(context).GetReceiptAsync(name, turn, context.RequestAborted) is not { } receipt)
        {
            if (await ClientOf(context).ShowAsync(name, context.RequestAborted) is null) throw Unknown(name);
            throw new ApiException(
                404, "receipt_not_found",
                "The session has no receipt of that turn. Receipts are made by turns with 'receipt': true, and those of the last 32 such turns are kept.", "turn");
        }
        await context.Response.WriteAsJsonAsync(new ReceiptBody(name, receipt), WireJson.Types.ReceiptBody, cancellationToken: context.RequestAborted);
    }

    private static async Task StreamAsync(HttpContext context, string name, IAsyncEnumerable<IngestProgress> progress)
    {
        var stream = new EventStream(context);
        try
        {
            await foreach (IngestProgress report in progress)
                await stream.SendAsync(IngestReport.From(name, report), WireJson.Types.IngestReport);

            await stream.SendDoneAsync();
        }
        catch (Exception exception) when (context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
        {
            await stream.SendAsync(ErrorMapping.Map(exception).ToBody(), WireJson.Types.ErrorBody);
        }
    }

    private static ImmutableArray<SessionItem> ReadItems(IngestBody body)
    {
        if (body.Text is null == body.Items is null)
            throw ApiException.Invalid("Give either 'text' or 'items'.", "text", "missing_required_parameter");
        if (body.Text is not null)
            return body.Text.Length > 0
                ? [new SessionItem { Role = SessionItem.TextRole, Text = body.Text }]
                : throw ApiException.Invalid("'text' is empty.", "text");

        return body.Items!.Count > 0 ? ChatRequestReader.ReadItems(body.Items, "items") : throw ApiException.Invalid("'items' is empty.", "items");
    }

    private static int ReadLimit(string? text)
    {
        if (text is null) return DefaultLimit;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int limit) && limit is >= 1 and <= MaxLimit) return limit;
        throw ApiException.Invalid($"'limit' must be a whole number from 1 to {MaxLimit}.", "limit");
    }

    private static ISessionClient ClientOf(HttpContext context) => AccessRules.ClientOf(context);

    private static string NameOf(HttpContext context) => SessionName.Check((string)context.Request.RouteValues["id"]!, "id");

    private static ApiException Unknown(string name) => new(404, "session_not_found", $"There is no session '{name}'.", "id");
}
