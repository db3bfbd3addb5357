namespace Actors.Attention;

/// <summary>How pages with the highest bounds are found.</summary>
public enum QuestScan
{
    /// <summary>All exact bounds are compared, as the paper does.</summary>
    Flat,

    /// <summary>Bounds of 8 bits in a tree, as `blocks` searches them: a quarter of the memory, and a cost that hardly follows the length.</summary>
    Tree,
}
