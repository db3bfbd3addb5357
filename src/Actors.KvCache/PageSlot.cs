namespace Actors.KvCache;

/// <summary>Native memory for one page. The version grows each time the slot is released, so that an old lease is noticed.</summary>
internal sealed unsafe class PageSlot(int number, byte* memory)
{
    internal readonly int Number = number;
    internal readonly byte* Memory = memory;
    internal int Version;

    /// <summary>The page that lies here, null while the slot is free.</summary>
    internal KvPage? Page;
}
