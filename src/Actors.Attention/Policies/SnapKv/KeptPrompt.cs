namespace Actors.Attention;

/// <summary>What is kept of everything up to the end of one prompt.</summary>
/// <param name="end">Position after the prompt.</param>
/// <param name="keepFrom">From here on every token is kept.</param>
/// <param name="heads">(layer, KV head) pairs.</param>
internal sealed class KeptPrompt(int end, int keepFrom, int heads)
{
    public int End => end;

    public int KeepFrom => keepFrom;

    /// <summary>[layers, kvHeads], chosen tokens before <see cref="KeepFrom"/>, ascending; null until they are chosen, by the one task that reads the head.</summary>
    public int[]?[] Tokens { get; } = new int[]?[heads];

    public long Bytes => Tokens.Sum(tokens => (long)(tokens?.Length ?? 0) * sizeof(int));
}
