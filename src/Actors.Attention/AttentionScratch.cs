namespace Actors.Attention;

/// <summary>Working memory of one worker thread. It grows to what the largest call needs and then allocates nothing; not safe for concurrent use.</summary>
public sealed class AttentionScratch
{
}
