using System.Globalization;

namespace Actors.Server.Cli;

/// <summary>Progress as plain lines, one every few seconds and one at the end, for output that is not a terminal.</summary>
internal sealed class ProgressLines(TextWriter writer, string title, string unit, TimeProvider time, TimeSpan interval) : IProgressDisplay
{
    private long _lastLine = time.GetTimestamp();
    private string? _pending;

    public void Report(long done, long? total, double? rate)
    {
        string of = total is long all ? string.Create(CultureInfo.InvariantCulture, $" of {all:N0} {unit} ({100.0 * done / Math.Max(1, all):0}%)") : $" {unit}";
        string speed = rate is double perSecond ? string.Create(CultureInfo.InvariantCulture, $", {perSecond:N0} {unit}/s") : "";
        _pending = string.Create(CultureInfo.InvariantCulture, $"{title}: {done:N0}{of}{speed}");
        if (time.GetElapsedTime(_lastLine) < interval) return;
        Flush();
        _lastLine = time.GetTimestamp();
    }

    public ValueTask DisposeAsync()
    {
        Flush();
        return ValueTask.CompletedTask;
    }

    private void Flush()
    {
        if (_pending is not null) writer.WriteLine(_pending);
        _pending = null;
    }
}
