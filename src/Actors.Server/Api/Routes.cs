using System.Text.Json;

namespace Actors.Server.Api;

/// <summary>All routes of the server.</summary>
internal static class Routes
{
    public static void MapApi(this WebApplication app)
    {
        app.MapPost("/v1/chat/completions", ChatEndpoint.HandleAsync);
        app.MapGet("/v1/models", ListModelsAsync);
        app.MapGet("/v1/models/{id}", ShowModelAsync);
        app.MapGet("/v1/sessions", SessionEndpoints.ListAsync);
        app.MapGet("/v1/sessions/{id}", SessionEndpoints.ShowAsync);
        app.MapDelete("/v1/sessions/{id}", SessionEndpoints.DeleteAsync);
        app.MapPost("/v1/sessions/{id}/items", SessionEndpoints.IngestAsync);
        app.MapPost("/v1/sessions/{id}/policy", SessionEndpoints.ChangePolicyAsync);
        app.MapGet("/v1/sessions/{id}/receipts/{turn}", SessionEndpoints.ShowReceiptAsync);
        app.MapGet("/health", context => context.Response.WriteAsJsonAsync(new HealthReport("ok"), WireJson.Types.HealthReport));
        app.MapGet("/ready", ReadyAsync);
    }

    private static Task ListModelsAsync(HttpContext context)
    {
        ModelIdentity model = context.RequestServices.GetRequiredService<ModelIdentity>();
        return context.Response.WriteAsJsonAsync(new ModelList([new ModelEntry(model.Id, model.Loaded)]), WireJson.Types.ModelList);
    }

    private static Task ShowModelAsync(HttpContext context)
    {
        ModelIdentity model = context.RequestServices.GetRequiredService<ModelIdentity>();
        model.Check((string?)context.Request.RouteValues["id"]);
        return context.Response.WriteAsJsonAsync(new ModelEntry(model.Id, model.Loaded), WireJson.Types.ModelEntry);
    }

    private static Task ReadyAsync(HttpContext context)
    {
        ModelIdentity model = context.RequestServices.GetRequiredService<ModelIdentity>();
        string? problem = context.RequestServices.GetRequiredService<Readiness>().FindProblem();
        context.Response.StatusCode = problem is null ? 200 : 503;
        var report = new HealthReport(problem is null ? "ready" : "not ready", model.Id, problem);
        return context.Response.WriteAsJsonAsync(report, WireJson.Types.HealthReport, cancellationToken: context.RequestAborted);
    }
}
