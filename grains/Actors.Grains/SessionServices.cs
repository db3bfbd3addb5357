using Microsoft.Extensions.DependencyInjection;

namespace Actors.Grains;

/// <summary>What session grains take from the container, beside the engine, its model, the data folder and the clock.</summary>
public static class SessionServices
{
    /// <summary>Registers it.</summary>
    /// <param name="services">Where to.</param>
    /// <param name="options">Limits and defaults of sessions.</param>
    /// <returns>The same collection.</returns>
    public static IServiceCollection AddSessions(this IServiceCollection services, SessionGrainOptions options) => services
        .AddSingleton(options)
        .AddSingleton<TurnAdmission>()
        .AddSingleton<SessionModel>()
        .AddSingleton<SessionOpener>()
        .AddSingleton<StatelessTurns>();
}
