using System.Globalization;
using System.Runtime.Intrinsics;
using Actors.Kernels;
using Actors.Models;

namespace Actors.Benchmarks.Compute;

/// <summary>Decode and prefill of the CPU backend, without attention, against the limits of the machine measured in turns with them.</summary>
/// <remarks>Times are sums over the layers of the best time of each inside whole steps, which reads cold what a step reads cold and still forgives a
/// machine that does other things at times.</remarks>
public static class QuickCompute
{
    private const int PrefillRows = 256;
    private const long MemoryBytes = 256L << 20;

    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(6);

    public static void Run(TextWriter output)
    {
        string vectors = Vector512.IsHardwareAccelerated ? "AVX-512" : Vector256.IsHardwareAccelerated ? "AVX2" : "no vectors";
        output.WriteLine(FormattableString.Invariant($"{Processor()}, {Environment.ProcessorCount} logical processors, {vectors}, .NET {Environment.Version}"));
        output.WriteLine();
        output.WriteLine("| model | threads | decode T=1: ms a token | weights GB/s | memory GB/s | of memory | same-size buffer GB/s | prefill T=256: ms | GFLOP/s | FMA peak | of peak |");
        output.WriteLine("|---|---|---|---|---|---|---|---|---|---|---|");
        foreach (string name in ModelSizes.Names)
        {
            using var synthetic = new SyntheticCheckpoint(ModelSizes.Of(name));
            for (int threads = 1; threads <= Math.Min(2, Environment.ProcessorCount); threads++)
            {
                output.WriteLine(Row(name, synthetic.Checkpoint, threads));
                output.Flush();
            }
        }
    }

    private static string Row(string name, Checkpoint checkpoint, int threads)
    {
        using var pool = new ComputePool(threads);
        ModelShape shape = checkpoint.Config.Shape;
        long weightBytes = 2 * ModelSizes.StepWeights(shape);
        using var memory = new MachineWork(pool, MemoryBytes);
        using var sameSize = new MachineWork(pool, weightBytes);
        using var decode = new BackendWork(checkpoint, pool, 1);
        double[] reading = Race.Run(Budget, decode.Step, memory.Read, sameSize.Read);
        using var prefill = new BackendWork(checkpoint, pool, PrefillRows);
        double[] computing = Race.Run(Budget, prefill.Step, memory.Multiply);
        double step = decode.BestSeconds.Sum(), layers = prefill.BestSeconds.AsSpan(..^1).ToArray().Sum();

        double weights = weightBytes / step / 1e9, bandwidth = memory.Bytes / reading[1] / 1e9, cached = sameSize.Bytes / reading[2] / 1e9;
        double flops = 2.0 * PrefillRows * shape.Layers * ModelSizes.LayerWeights(shape) / layers / 1e9, peak = memory.Operations / computing[1] / 1e9;
        return string.Create(CultureInfo.InvariantCulture,
            $"| {name} | {threads} | {step * 1e3:F3} | {weights:F1} | {bandwidth:F1} | {weights / bandwidth:P0} | {cached:F1} | {layers * 1e3:F1} | {flops:F0} | {peak:F0} | {flops / peak:P0} |");
    }

    private static string Processor()
    {
        const string Info = "/proc/cpuinfo";
        string? line = File.Exists(Info) ? File.ReadLines(Info).FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal)) : null;
        return line?.Split(':', 2)[1].Trim() ?? System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture.ToString();
    }
}
