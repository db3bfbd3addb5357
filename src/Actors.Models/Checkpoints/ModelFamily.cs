namespace Actors.Models;

/// <summary>Architectures that can be read; they differ in biases and in query/key normalization.</summary>
public enum ModelFamily
{
    /// <summary>Llama 2, 3 and everything that has its layout.</summary>
    Llama,

    /// <summary>Mistral 7B and its successors of the same layout.</summary>
    Mistral,

    /// <summary>Qwen2 and Qwen2.5: biases on query, key and value.</summary>
    Qwen2,

    /// <summary>Qwen3: RMS norms on each query and key head.</summary>
    Qwen3,
}
