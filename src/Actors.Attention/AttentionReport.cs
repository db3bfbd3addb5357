namespace Actors.Attention;

/// <summary>What attention read in the last step of one sequence, summed over layers, KV heads and query blocks.</summary>
/// <param name="Steps">Committed steps so far.</param>
/// <param name="RowsComputed">Query rows times layers of the last step.</param>
/// <param name="KeysRead">Keys scored exactly (per KV head and query block).</param>
/// <param name="GroupsScored">Nodes of the index whose bounds were computed (16-token groups and their parents).</param>
/// <param name="GroupsRead">Distant 16-token groups that were read.</param>
/// <param name="PagesRead">Pages touched by reading keys and values, counted once per KV head and query block.</param>
public readonly record struct AttentionReport(long Steps, long RowsComputed, long KeysRead, long GroupsScored, long GroupsRead, long PagesRead);
