using Actors.Kernels;

namespace Actors.Models;

/// <summary>What <c>config.json</c> (with <c>generation_config.json</c> and <c>actors.json</c> beside it) says about a model. Immutable.</summary>
public sealed record ModelConfig
{
    /// <summary>Architecture.</summary>
    public required ModelFamily Family { get; init; }

    /// <summary>Sizes.</summary>
    public required ModelShape Shape { get; init; }

    /// <summary>Added to the mean square before the root in every RMS norm.</summary>
    public required float RmsNormEpsilon { get; init; }

    /// <summary>The head is the embedding matrix; a stored <c>lm_head.weight</c> is then ignored.</summary>
    public bool TiedHead { get; init; }

    /// <summary>Query, key and value projections have biases.</summary>
    public bool QkvBias { get; init; }

    /// <summary>The attention output projection has a bias.</summary>
    public bool OutputBias { get; init; }

    /// <summary>Each query and key head is RMS-normalized before RoPE.</summary>
    public bool QkNorm { get; init; }

    /// <summary>Base of the rotary frequencies.</summary>
    public double RopeTheta { get; init; } = 10_000;

    /// <summary>Scaling of the rotary frequencies; null for none.</summary>
    public RopeScaling? RopeScaling { get; init; }

    /// <summary>Tokens of context that the checkpoint claims (<c>max_position_embeddings</c>).</summary>
    public required int MaxPositions { get; init; }

    /// <summary>
    /// Tokens that a layer saw at once in training, where the checkpoint was trained with sliding-window attention; null for full attention.
    /// Nothing here cuts attention at this window; it only bounds <see cref="TrainedWindow"/>.
    /// </summary>
    public int? SlidingWindow { get; init; }

    /// <summary>Token that begins a sequence; null when the configuration names none.</summary>
    public int? BosToken { get; init; }

    /// <summary>Tokens that end a sequence, of <c>config.json</c> and <c>generation_config.json</c> together; may be empty.</summary>
    public IReadOnlyList<int> EosTokens { get; init; } = [];

    /// <summary>
    /// Tokens of context that the model was really trained on: <c>trained_window</c> of <c>actors.json</c> where present, else the original
    /// length of Llama3 or Yarn scaling, else <see cref="MaxPositions"/>; never above <see cref="SlidingWindow"/>.
    /// </summary>
    public required int TrainedWindow { get; init; }

    /// <summary>Creates the rotary embedding, with frequencies computed in double.</summary>
    public RotaryEmbedding CreateRotaryEmbedding() => new(
        RopeFrequencies.Compute(Shape.HeadDim, RopeTheta, RopeScaling), (float)RopeFrequencies.AttentionScale(RopeScaling));
}
