using Orleans.Runtime;

namespace Orleans.Concurrency;

internal sealed class StatelessWorkerPlacement : PlacementStrategy;
