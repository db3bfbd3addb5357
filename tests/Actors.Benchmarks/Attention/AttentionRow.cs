namespace Actors.Benchmarks.Attention;

/// <summary>What decoding under one policy cost and read. Times are of one thread.</summary>
/// <param name="Policy">The policy as it was asked for.</param>
/// <param name="Context">Tokens before the first decoded one.</param>
/// <param name="AttentionMilliseconds">Attention of a decoding step, all layers: median.</param>
/// <param name="Speedup">Of attention against the policy `dense` of the same run, 0 without one.</param>
/// <param name="StepMilliseconds">The whole decoding step: median.</param>
/// <param name="ReadPercent">Keys read of those before the query, mean over query heads.</param>
/// <param name="ComparedPercent">Keys or nodes that indexes compared besides, in percent of the keys before the query, per query head.</param>
/// <param name="Recall">Part of the exact attention mass that what was read holds, the rest standing where the policy places it: mean over query heads and sampled steps.</param>
/// <param name="LowestHeadRecall">The same for the query head with the least.</param>
/// <param name="OutputError">Mean distance of a head's output from the exact one, divided by the exact one's length.</param>
/// <param name="BuildSeconds">Making the indexes from the pages.</param>
/// <param name="UpkeepMicroseconds">Bringing the indexes to a new token: mean.</param>
/// <param name="UpkeepPercent">The same as a share of the mean step.</param>
/// <param name="IndexMegabytes">Resident indexes.</param>
public sealed record AttentionRow(
    string Policy, int Context, double AttentionMilliseconds, double Speedup, double StepMilliseconds, double ReadPercent, double ComparedPercent, double Recall, double LowestHeadRecall,
    double OutputError, double BuildSeconds, double UpkeepMicroseconds, double UpkeepPercent, double IndexMegabytes);
