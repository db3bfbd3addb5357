namespace Actors.Server.Cli;

/// <summary>Divides what <c>--memory</c> allows: the process as a whole stays under it, beside the mapped weights.</summary>
internal static class MemoryBudget
{
    /// <summary>Least that may be asked for, in bytes.</summary>
    public const long LeastBytes = 64L << 20;

    // Measured: the program takes 75 MiB when it starts and about 160 MiB with a session of 400,000 tokens, its index and tokens included.
    private const long ProgramBytes = 176L << 20;

    /// <summary>What is left for keys and values: all but the program's share, and a quarter where that share alone is too large.</summary>
    /// <param name="memoryBytes">Bytes that the process may hold, at least <see cref="LeastBytes"/>.</param>
    public static long KeysAndValues(long memoryBytes) => Math.Max(memoryBytes - ProgramBytes, memoryBytes / 4);
}
