using Actors.Grains.Abstractions;

namespace Actors.Grains.Tests;

/// <summary>Short ways to say what tests ask for.</summary>
internal static class Requests
{
    public const string Question = "Remember: my horse's code is 74925. What is my horse's code?";

    /// <summary>A turn that answers greedily and never ends by itself, so that its length is known.</summary>
    public static TurnRequest Endless(string text, int tokens) => Greedy(text, tokens) with
    {
        Sampling = new TurnSampling { Temperature = 0, LogitBias = System.Collections.Immutable.ImmutableDictionary<int, float>.Empty.Add(0, -100).Add(2, -100) },
    };

    public static TurnRequest Greedy(string text, int tokens = 24) => new()
    {
        Items = text.Length == 0 ? [] : [new SessionItem { Text = text }],
        Sampling = new TurnSampling { Temperature = 0 },
        MaxNewTokens = tokens,
    };

    public static IngestRequest Prose(int lines, string first = "") => new()
    {
        Items = [new SessionItem
        {
            Role = SessionItem.TextRole,
            Text = first + string.Concat(Enumerable.Range(0, lines).Select(i => $"Line {i} of the manual describes option number {i} and what it does to a file.\n")),
        }],
    };

    public static async Task<List<TurnEvent>> RunAsync(this ISessionGrain session, TurnRequest request)
    {
        List<TurnEvent> events = [];
        await foreach (TurnEvent turnEvent in session.RunTurnAsync(request)) events.Add(turnEvent);
        return events;
    }

    public static async Task<IngestProgress> IngestAllAsync(this ISessionGrain session, IngestRequest request)
    {
        IngestProgress last = new();
        await foreach (IngestProgress progress in session.IngestAsync(request)) last = progress;
        return last;
    }

    public static int[] TokensOf(IEnumerable<TurnEvent> events) => [.. events.OfType<TurnDelta>().Select(delta => delta.Token)];

    public static string TextOf(IEnumerable<TurnEvent> events) =>
        string.Concat(events.Select(turnEvent => turnEvent switch { TurnDelta delta => delta.Text, TurnEnded ended => ended.Text, _ => "" }));
}
