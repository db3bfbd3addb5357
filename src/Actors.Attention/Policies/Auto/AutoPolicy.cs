namespace Actors.Attention;

/// <summary>Dense while the context fits the model's trained window, `blocks` beyond it. The switch computes nothing again.</summary>
public sealed class AutoPolicy : IAttentionPolicy
{
    private readonly BlocksPolicy _beyond;
    private readonly int _denseTokens;

    /// <summary>Keeps the trained window and the policy for longer contexts.</summary>
    /// <param name="trainedWindow">Tokens of context that the model was trained on, at least 16.</param>
    /// <param name="beyond">Options of `blocks`, used beyond that window.</param>
    /// <exception cref="ArgumentException">A window below 16, or options out of range.</exception>
    public AutoPolicy(int trainedWindow, BlocksOptions beyond)
    {
        AttentionPolicies.CheckTrainedWindow(trainedWindow);
        _denseTokens = trainedWindow - trainedWindow % AttentionPolicies.QueryBlockTokens;
        _beyond = new(beyond);
    }

    /// <inheritdoc/>
    public string Name => "auto";

    /// <inheritdoc/>
    public string Fingerprint => $"auto/1;{_denseTokens};{_beyond.Fingerprint}";

    /// <inheritdoc/>
    public AttentionView View(int position) => position < _denseTokens ? AttentionView.Dense : _beyond.View(position);

    PolicyReader IAttentionPolicy.CreateReader(SequenceContext sequence) => _beyond.CreateReader(this, sequence);

    internal static AutoPolicy Create(PolicyArguments arguments)
    {
        BlocksOptions beyond = BlocksOptions.From(arguments);
        arguments.ThrowOnFailures(beyond.Failures());
        return new(arguments.Environment.TrainedWindow, beyond);
    }
}
