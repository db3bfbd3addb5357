namespace Actors.Engine;

/// <summary>Where the keys and values of a sequence lie.</summary>
/// <param name="ResidentPages">Pages in memory.</param>
/// <param name="StoredPages">Pages in page files; a page may be in both places.</param>
/// <param name="ResidentBytes">Bytes of the pages in memory, those shared with other sequences included.</param>
/// <param name="StoredBytes">Bytes of the page files.</param>
public readonly record struct SequenceMemory(int ResidentPages, int StoredPages, long ResidentBytes, long StoredBytes);
