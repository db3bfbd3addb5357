using System.ComponentModel.DataAnnotations;
using Actors.KvCache;

namespace Actors.Engine;

/// <summary>Limits and defaults of an <see cref="InferenceEngine"/>.</summary>
public sealed class EngineOptions : IValidatableObject
{
    /// <summary>Most tokens that one step computes, of all sequences together.</summary>
    /// <value>Tokens, 64 to 65,536, at least <see cref="MaxSequencesPerStep"/> + 64. Default 512.</value>
    [Range(64, 65536)]
    public int MaxStepTokens { get; set; } = 512;

    /// <summary>Most tokens of prefill in a step that also decodes, so that a long prefill does not slow others' answers.</summary>
    /// <value>Tokens, 64 to 65,536. Default 128.</value>
    [Range(64, 65536)]
    public int MixedPrefillTokens { get; set; } = 128;

    /// <summary>Most turns that run at the same time.</summary>
    /// <value>Turns, 1 to 4,096. Default 64.</value>
    [Range(1, 4096)]
    public int MaxSequencesPerStep { get; set; } = 64;

    /// <summary>Most turns that wait for a place; one more is refused with <see cref="EngineBusyException"/>.</summary>
    /// <value>Turns, 0 to 1,000,000. Default 256.</value>
    [Range(0, 1_000_000)]
    public int QueueLimit { get; set; } = 256;

    /// <summary>Events a turn may be ahead of its reader. A turn whose reader is slower is left out of steps until it has caught up.</summary>
    /// <value>Events, 2 to 65,536. Default 64.</value>
    [Range(2, 65536)]
    public int EventCapacity { get; set; } = 64;

    /// <summary>Bytes of memory for keys and values of all sequences.</summary>
    /// <value>Bytes, 1 MiB to 16 TiB. Below 32 MiB one read of a stored page may pass it for a moment. Default 1 GiB.</value>
    [Range(1L << 20, 1L << 44)]
    public long KvBudgetBytes { get; set; } = 1L << 30;

    /// <summary>How long a turn waits for room in the KV budget before it fails with <see cref="KvCapacityException"/>.</summary>
    /// <value>1 second to 1 hour. Default 30 seconds.</value>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00", ConvertValueInInvariantCulture = true, ParseLimitsInInvariantCulture = true)]
    public TimeSpan RoomTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Number format of keys and values.</summary>
    /// <value>Default <see cref="Actors.KvCache.KvFormat.Float16"/>.</value>
    public KvFormat KvFormat { get; set; } = KvFormat.Float16;

    /// <summary>Attention policy of sequences that name none.</summary>
    /// <value>Name of a policy. Default <c>auto</c>.</value>
    [Required]
    public string DefaultPolicy { get; set; } = "auto";

    /// <summary>Share of decoded tokens at which exact attention is computed beside the policy's, to say how near the policy comes to it.</summary>
    /// <value>0 (never) to 1. Default 0.002: a sampled token costs what dense attention costs, many times a token of the policy in a long context.</value>
    [Range(0.0, 1.0)]
    public double FidelityRate { get; set; } = 0.002;

    /// <summary>Longest context at which <see cref="FidelityRate"/> holds. Exact attention reads every key, so longer ones are only counted as skipped.</summary>
    /// <value>Tokens, 1 to 1,073,741,824. Default 32,768.</value>
    [Range(1, 1 << 30)]
    public int FidelityKeyLimit { get; set; } = 32_768;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (MaxStepTokens < MaxSequencesPerStep + KvLayout.PageTokens)
        {
            yield return new ValidationResult(
                $"MaxStepTokens is {MaxStepTokens} but must be at least MaxSequencesPerStep + {KvLayout.PageTokens} = " +
                $"{MaxSequencesPerStep + KvLayout.PageTokens}, so that prefill always has room beside decoding.",
                [nameof(MaxStepTokens)]);
        }
        if (!Enum.IsDefined(KvFormat))
            yield return new ValidationResult($"KvFormat is {KvFormat}, which is not a known format.", [nameof(KvFormat)]);
    }

    /// <summary>Checks every field.</summary>
    /// <exception cref="ValidationException">Something is out of range; the message lists every failure.</exception>
    public void ThrowIfInvalid()
    {
        List<ValidationResult> failures = [];
        Validator.TryValidateObject(this, new ValidationContext(this), failures, validateAllProperties: true);
        if (failures.Count > 0)
            throw new ValidationException("The engine's options are not usable: " + string.Join(" ", failures.Select(failure => failure.ErrorMessage)));
    }
}
