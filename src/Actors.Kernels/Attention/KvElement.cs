namespace Actors.Kernels;

/// <summary>Element type of stored keys, values and bounds.</summary>
public enum KvElement
{
    /// <summary>IEEE 754 binary16, finite values only.</summary>
    Float16,

    /// <summary>Upper half of an IEEE 754 binary32.</summary>
    BFloat16,

    /// <summary>IEEE 754 binary32.</summary>
    Float32,
}
