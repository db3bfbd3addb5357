using Actors.Engine;

namespace Actors.Server.Evaluation;

/// <summary>Mean milliseconds of the parts of a step.</summary>
internal readonly record struct StepBreakdown(double Pre, double Write, double Attention, double Post, double Head, double Sample, double Whole)
{
    /// <summary>The steps between two snapshots.</summary>
    public static StepBreakdown Between(EngineStatistics before, EngineStatistics after)
    {
        double steps = Math.Max(1, after.Steps - before.Steps);
        double Mean(Func<EngineStatistics, TimeSpan> part) => (part(after) - part(before)).TotalMilliseconds / steps;
        return new StepBreakdown(
            Mean(s => s.PreTime), Mean(s => s.WriteTime), Mean(s => s.AttentionTime), Mean(s => s.PostTime), Mean(s => s.HeadTime), Mean(s => s.SampleTime), Mean(s => s.StepTime));
    }
}
