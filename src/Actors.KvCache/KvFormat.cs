namespace Actors.KvCache;

/// <summary>Element type of keys, values and bounds in a page. The numbers stand in page files: never renumber.</summary>
public enum KvFormat
{
    /// <summary>IEEE 754 binary16, the default. Finite up to 65504.</summary>
    Float16 = 0,

    /// <summary>The upper half of an IEEE 754 binary32, rounded to nearest even: wide range, 8 bits of precision.</summary>
    BFloat16 = 1,

    /// <summary>IEEE 754 binary32: what the model computed, without rounding.</summary>
    Float32 = 2,
}
