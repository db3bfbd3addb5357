using Actors.Engine;

namespace Actors.Engine.Tests;

internal static class EventReading
{
    public static int[] TokenIds(this IEnumerable<EngineEvent> events) => [.. events.OfType<EngineEvent.Token>().Select(token => token.Id)];

    public static EngineEvent.Finished Finish(this IEnumerable<EngineEvent> events) => Assert.IsType<EngineEvent.Finished>(events.Last());

    public static string Text(this IReadOnlyCollection<EngineEvent> events) =>
        string.Concat(events.OfType<EngineEvent.Token>().Select(token => token.Text)) + events.Finish().Text;
}
