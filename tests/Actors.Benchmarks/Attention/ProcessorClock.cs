namespace Actors.Benchmarks.Attention;

/// <summary>Processor time of this process: what is measured on a machine that others use too. It counts the runtime's own threads.</summary>
internal sealed class ProcessorClock : TimeProvider
{
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Environment.CpuUsage.TotalTime.Ticks;
}
