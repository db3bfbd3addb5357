namespace Actors.Models;

/// <summary>The dense part of a model, layer by layer, over packed rows of tokens. Attention lies between <see cref="Pre"/> and <see cref="Post"/> and
/// belongs to the caller, so rows of one call may come from any sequences.</summary>
/// <remarks>
/// <para>All arrays are float32, row-major and contiguous; a longer span than the rows need is left alone behind
/// them. A row's result depends on that row alone: not on its batch-mates, not on the number of
/// threads.</para>
/// <para>One call at a time: an instance owns scratch memory. Arguments are read only where they are results. No call allocates once the instance has
/// been built.</para>
/// </remarks>
public interface IModelBackend : IDisposable
{
    /// <summary>Shape of the model.</summary>
    ModelShape Shape { get; }

    /// <summary>Looks up the embeddings of tokens.</summary>
    /// <param name="tokens">Token ids [rows].</param>
    /// <param name="hidden">Receives [rows, hiddenSize].</param>
    /// <exception cref="ArgumentOutOfRangeException">A token is not in the vocabulary.</exception>
    void Embed(ReadOnlySpan<int> tokens, Span<float> hidden);

    /// <summary>Norm, query, key and value projections with their biases, and the norms of query and key heads where the model has them.</summary>
    /// <param name="layer">Which layer, from 0.</param>
    /// <param name="rows">Number of tokens.</param>
    /// <param name="hidden">[rows, hiddenSize], unchanged.</param>
    /// <param name="queries">Receives [rows, queryHeads, headDim], before RoPE.</param>
    /// <param name="keys">Receives [rows, kvHeads, headDim], before RoPE.</param>
    /// <param name="values">Receives [rows, kvHeads, headDim].</param>
    void Pre(int layer, int rows, ReadOnlySpan<float> hidden, Span<float> queries, Span<float> keys, Span<float> values);

    /// <summary>Output projection, residual, norm, feed-forward network and its residual.</summary>
    /// <param name="layer">Which layer, from 0.</param>
    /// <param name="rows">Number of tokens.</param>
    /// <param name="attended">Output of attention [rows, queryHeads, headDim], unchanged.</param>
    /// <param name="hidden">[rows, hiddenSize], updated in place.</param>
    void Post(int layer, int rows, ReadOnlySpan<float> attended, Span<float> hidden);

    /// <summary>Final norm and output head.</summary>
    /// <param name="rows">Number of tokens.</param>
    /// <param name="hidden">[rows, hiddenSize], unchanged.</param>
    /// <param name="logits">Receives [rows, vocabularySize].</param>
    void Head(int rows, ReadOnlySpan<float> hidden, Span<float> logits);
}
