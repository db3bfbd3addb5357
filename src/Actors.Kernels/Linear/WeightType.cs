namespace Actors.Kernels;

/// <summary>How the elements of a weight matrix are stored. Arithmetic is float32 in every case.</summary>
public enum WeightType
{
    /// <summary>bfloat16: the upper half of a float32. Two bytes.</summary>
    BFloat16,

    /// <summary>IEEE 754 binary16. Two bytes.</summary>
    Float16,

    /// <summary>IEEE 754 binary32. Four bytes.</summary>
    Float32,
}
