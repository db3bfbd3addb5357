using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Actors.Server.Cli;

/// <summary>Progress as a bar with the rate and the time left, drawn over itself on a terminal.</summary>
internal sealed class ProgressBarDisplay : IProgressDisplay
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _drawing;
    private readonly string _unit;
    private ProgressTask? _task;
    private string _rate = "";

    public ProgressBarDisplay(IAnsiConsole console, string title, string unit)
    {
        _unit = unit;
        _drawing = console.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RateColumn(this), new RemainingTimeColumn())
            .StartAsync(context =>
            {
                Volatile.Write(ref _task, context.AddTask(Markup.Escape(title), autoStart: true));
                return _done.Task;
            });
    }

    public void Report(long done, long? total, double? rate)
    {
        if (Volatile.Read(ref _task) is not { } task) return;
        task.IsIndeterminate = total is null;
        if (total is long all) task.MaxValue = Math.Max(1, all);
        task.Value = done;
        string speed = rate is double perSecond ? string.Create(CultureInfo.InvariantCulture, $" {perSecond:N0} {_unit}/s") : "";
        Volatile.Write(ref _rate, string.Create(CultureInfo.InvariantCulture, $"{done:N0} {_unit}{speed}"));
    }

    public async ValueTask DisposeAsync()
    {
        _done.TrySetResult();
        await _drawing;
    }

    private sealed class RateColumn(ProgressBarDisplay display) : ProgressColumn
    {
        protected override bool NoWrap => true;

        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) => new Text(Volatile.Read(ref display._rate));
    }
}
