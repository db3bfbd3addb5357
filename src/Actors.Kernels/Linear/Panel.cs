namespace Actors.Kernels;

/// <summary>Arguments of one product, checked: activation rows, a range of weight rows, and where the results go.</summary>
internal unsafe struct Panel
{
    public float* Input;
    public int InputStride;
    public int Rows;
    public byte* Weights;
    public WeightType Type;
    public int Inputs;
    public int Outputs;
    public float* Results;
    public int ResultStride;
    public bool Add;

    /// <summary>Bytes from one weight row to the next.</summary>
    public readonly nint Pitch => (nint)Inputs * WeightMatrix.BytesOf(Type);
}
