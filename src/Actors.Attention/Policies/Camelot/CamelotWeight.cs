namespace Actors.Attention;

/// <summary>What a slot counts for in the softmax.</summary>
public enum CamelotWeight
{
    /// <summary>For one key.</summary>
    One,

    /// <summary>For as many keys as recent tokens retrieved it, as if retrieved rows were not made unique.</summary>
    Retrieved,

    /// <summary>For as many keys as were averaged in it.</summary>
    Count,
}
