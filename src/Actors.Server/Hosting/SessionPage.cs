using Actors.Grains.Abstractions;

namespace Actors.Server.Hosting;

/// <summary>Part of a list of sessions.</summary>
/// <param name="Sessions">Sessions in order of their names.</param>
/// <param name="Next">Where the next part begins, as the argument <c>after</c>; null at the end.</param>
public sealed record SessionPage(IReadOnlyList<SessionInfo> Sessions, string? Next);
