namespace Actors.Attention;

/// <summary>
/// On some steps of decoding, computes exact attention over all keys beside what the policy read, and keeps the means of how they compare. Set it as
/// <see cref="SequenceAttention.Fidelity"/>. Which steps are sampled follows from their positions and how many there were, so that equal runs sample equal steps. Owner thread, except that the tasks of a step write into it together,
/// each to its own place.
/// </summary>
/// <remarks>
/// Exact means every key of the sequence, each where the policy's view places it: the window at true positions, sinks and what lies between as
/// <see cref="AttentionView.Sinks"/> says, and at true positions what a policy without a memory does not read. Temperatures and shared layers are those of the policy; what a calibration adds to scores is not part of exact attention, so that its effect counts as error.
/// </remarks>
public sealed class AttentionFidelity
{
    private readonly uint _threshold;
    private readonly int _keyLimit;
    private readonly double[] _recalls, _errors, _touched;   // [layers, queryHeads] of the step that runs
    private double _recall, _error, _keys;
    private long _samples, _skipped, _steps;
    private int _position;

    /// <summary>Starts without samples.</summary>
    /// <param name="shape">The model's head counts.</param>
    /// <param name="rate">Share of steps to sample, 0 to 1.</param>
    /// <param name="keyLimit">Longest context that is compared, in tokens, 1 or more: an exact step reads every key. Longer ones count as skipped.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public AttentionFidelity(AttentionShape shape, double rate, int keyLimit)
    {
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentOutOfRangeException.ThrowIfNegative(rate);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rate, 1);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(keyLimit);
        _threshold = (uint)(rate * uint.MaxValue);
        _keyLimit = keyLimit;
        int heads = shape.Layers * shape.QueryHeads;
        (_recalls, _errors, _touched) = (new double[heads], new double[heads], new double[heads]);
    }

    /// <summary>Means over all samples so far. Call it between steps.</summary>
    public FidelityReport Report => _samples == 0 ? new(0, _skipped, 0, 0, 0) : new(_samples, _skipped, _recall / _samples, _error / _samples, _keys / _samples);

    /// <summary>The sample that the last step added.</summary>
    /// <value>Null when the last step was not sampled.</value>
    public FidelityReport? Last { get; private set; }

    /// <summary>True while a step is computed that is sampled.</summary>
    internal bool Active { get; private set; }

    /// <summary>Decides about a step. Owner thread, before its first layer.</summary>
    internal void Begin(int position, int rows)
    {
        (Last, _position) = (null, position);
        Active = rows == 1 && _threshold > 0 && Hash(((uint)_steps++ * 0x9E3779B1u) + (uint)position) <= _threshold;
        if (!Active || position < _keyLimit)
            return;
        _skipped++;
        Active = false;
    }

    /// <summary>Takes the comparison of one query head of one layer. Any thread.</summary>
    internal void Set(int head, double recall, double error, double touched) => (_recalls[head], _errors[head], _touched[head]) = (recall, error, touched);

    /// <summary>Adds the step to the means, when it came to its end. Owner thread, after a commit or a truncation.</summary>
    internal void End(int committedTokens)
    {
        bool complete = Active && committedTokens == _position + 1;
        Active = false;
        if (!complete)
            return;
        FidelityReport sample = new(1, 0, _recalls.Average(), _errors.Average(), _touched.Average());
        (_recall, _error, _keys) = (_recall + sample.Recall, _error + sample.OutputError, _keys + sample.KeysTouched);
        _samples++;
        Last = sample;
    }

    // Spreads neighbouring numbers over all values (the finisher of MurmurHash3, public domain).
    private static uint Hash(uint hash)
    {
        hash = (hash ^ (hash >> 16)) * 0x85EBCA6Bu;
        hash = (hash ^ (hash >> 13)) * 0xC2B2AE35u;
        return hash ^ (hash >> 16);
    }
}
