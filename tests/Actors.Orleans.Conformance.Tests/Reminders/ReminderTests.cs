using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Hosting;
using Xunit;

namespace Actors.Conformance.Reminders;

public sealed class ReminderTests(ReminderTests.Silo silo) : IClassFixture<ReminderTests.Silo>
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(100);
    private readonly string _name = Guid.NewGuid().ToString("N");

    private IReminderGrain Grain => silo.Grains.GetGrain<IReminderGrain>(_name);

    [Fact]
    public async Task Reminder_Registered_TicksAgainAndAgain()
    {
        Assert.Equal("r", await Grain.RegisterAsync("r", Soon, TimeSpan.FromMilliseconds(500)));
        Assert.Equal("00:00:00.5000000", await silo.Probe.WaitAsync($"{_name} r 1"));
        await silo.Probe.WaitAsync($"{_name} r 2");
        await Grain.UnregisterAsync("r");
    }

    [Fact]
    public async Task Reminder_PeriodBelowTheMinimum_IsRefused() =>
        await Assert.ThrowsAsync<ArgumentException>(() => Grain.RegisterAsync("r", Soon, TimeSpan.FromMilliseconds(100)));

    [Fact]
    public async Task Reminders_AreListedUntilTheyAreUnregistered()
    {
        await Grain.RegisterAsync("a", TimeSpan.FromHours(1), TimeSpan.FromHours(1));
        await Grain.RegisterAsync("b", TimeSpan.FromHours(1), TimeSpan.FromHours(1));
        await Grain.RegisterAsync("b", TimeSpan.FromHours(2), TimeSpan.FromHours(2));
        Assert.Equal(["a", "b"], await Grain.NamesAsync());
        await Grain.UnregisterAsync("a");
        Assert.Equal(["b"], await Grain.NamesAsync());
    }

    [Fact]
    public async Task Reminder_OfASiloThatStopped_TicksInTheNext()
    {
        var table = new SharedReminderTable();
        using (IHost first = await StartAsync(table))
        {
            var grain = first.Services.GetRequiredService<IGrainFactory>().GetGrain<IReminderGrain>(_name);
            await grain.RegisterAsync("r", TimeSpan.FromHours(1), TimeSpan.FromHours(1));
            await grain.RegisterAsync("s", TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(500));
            await first.StopAsync();
        }

        using IHost second = await StartAsync(table);
        var again = second.Services.GetRequiredService<IGrainFactory>().GetGrain<IReminderGrain>(_name);
        await second.Services.GetRequiredService<Probe>().WaitAsync($"{_name} s 1");
        Assert.Equal(["r", "s"], await again.NamesAsync());
        await second.StopAsync();
    }

    private static Task<IHost> StartAsync(SharedReminderTable table) => SiloFixture.StartSiloAsync(silo =>
    {
        Configure(silo);
        silo.AddReminders();
        silo.Services.AddSingleton<IReminderTable>(table);
    });

    private static void Configure(ISiloBuilder silo) =>
        silo.Configure<ReminderOptions>(o => o.MinimumReminderPeriod = TimeSpan.FromMilliseconds(200));

    public sealed class Silo : SiloFixture
    {
        protected override void Configure(ISiloBuilder silo)
        {
            ReminderTests.Configure(silo);
            silo.UseInMemoryReminderService();
        }
    }
}
