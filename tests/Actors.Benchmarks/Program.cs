using Actors.Benchmarks;
using Actors.Benchmarks.Attention;
using Actors.Benchmarks.Compute;
using Actors.Benchmarks.Indexes;
using BenchmarkDotNet.Running;

// `quick` prints the ratios that docs/benchmarks.md quotes in a few minutes, `indexes` compares the key indexes; anything else goes to BenchmarkDotNet, for example `--filter *Decode*`.
if (args is ["quick", ..])
{
    QuickCompute.Run(Console.Out);
    return 0;
}

// `attention --context 131072 --policy dense,blocks,retrieval` compares policies while decoding.
if (args is ["attention", ..])
    return AttentionCommand.Run(args.AsSpan(1), Console.Out);

if (args is ["indexes", ..])
    return await IndexesRun.RunAsync(args[1..], Console.Out);

BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, new BenchmarkConfig());
return 0;
