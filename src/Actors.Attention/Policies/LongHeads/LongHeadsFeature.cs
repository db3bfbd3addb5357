namespace Actors.Attention;

/// <summary>What a chunk's feature is pooled by.</summary>
public enum LongHeadsFeature
{
    /// <summary>The chunk's keys ask each other: nothing but the pages is needed, so a restored session goes on as one that was never interrupted.</summary>
    Keys,

    /// <summary>
    /// The chunk's queries ask, one feature per query head, as the paper has it. Queries are not stored: chunks read before a restore, a change of policy or a cut into them
    /// are pooled by their keys.
    /// </summary>
    Queries,
}
