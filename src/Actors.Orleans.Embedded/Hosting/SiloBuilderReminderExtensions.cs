using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Runtime;

namespace Orleans.Hosting;

/// <summary>Reminders.</summary>
public static class SiloBuilderReminderExtensions
{
    /// <summary>Adds reminders over the <see cref="IReminderTable"/> that is registered as a service.</summary>
    public static ISiloBuilder AddReminders(this ISiloBuilder builder)
    {
        builder.Services.AddReminders();
        return builder;
    }

    /// <summary>Adds reminders over the <see cref="IReminderTable"/> that is registered as a service.</summary>
    public static void AddReminders(this IServiceCollection services) => services.TryAddSingleton<ReminderService>();
}
