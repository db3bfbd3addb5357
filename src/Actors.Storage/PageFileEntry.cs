using Actors.KvCache;

namespace Actors.Storage;

/// <summary>One page in the header of its file.</summary>
internal readonly record struct PageFileEntry(PageId Id, PageId Context, uint Checksum);
