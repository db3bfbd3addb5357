namespace Actors.Attention;

/// <summary>How near a policy comes to reading everything: means over sampled steps, layers and query heads.</summary>
/// <param name="Samples">Steps at which exact attention was computed beside the policy's.</param>
/// <param name="Skipped">Steps that would have been sampled, had the context not been longer than the limit.</param>
/// <param name="Recall">Share of the exact attention mass that lies on keys which were read, 0 to 1. What stands for several keys, such as a centroid, does not count as read.</param>
/// <param name="OutputError">Length of the difference to the exact output by the length of the exact output; 0 is exact.</param>
/// <param name="KeysTouched">Share of all keys that were read, 0 to 1.</param>
public readonly record struct FidelityReport(long Samples, long Skipped, double Recall, double OutputError, double KeysTouched);
