using System.Runtime.Intrinsics;

namespace Actors.Kernels;

/// <summary>
/// Rotary position embedding: pair (i, i + headDim/2) of a row is turned by <c>position * inverseFrequency[i]</c>.
/// Immutable and safe for concurrent use, except that the first use of a far position may build tables.
/// </summary>
/// <remarks>Source: arXiv:2104.09864 (RoFormer); the pairing is that of Hugging Face checkpoints.</remarks>
public sealed class RotaryEmbedding
{
    private readonly double[] _inverseFrequencies;
    private readonly Lazy<RotaryTables> _tables;

    /// <summary>Keeps the frequencies and the scale.</summary>
    /// <param name="inverseFrequencies">[headDim/2], radians per token, already scaled for linear, llama3 or yarn.</param>
    /// <param name="attentionScale">Factor on cosine and sine (yarn's attention factor), positive. It holds for position 0 too.</param>
    /// <exception cref="ArgumentException">No frequencies, a frequency that is not finite, or a scale that is not positive.</exception>
    public RotaryEmbedding(ReadOnlySpan<double> inverseFrequencies, float attentionScale = 1f)
    {
        if (inverseFrequencies.IsEmpty)
            throw new ArgumentException("A rotary embedding needs at least one frequency; pass headDim/2 values.", nameof(inverseFrequencies));
        foreach (double frequency in inverseFrequencies)
        {
            if (!double.IsFinite(frequency))
                throw new ArgumentException($"The rotary frequency {frequency} is not finite; check rope_theta and rope_scaling of the checkpoint.", nameof(inverseFrequencies));
        }
        if (!(attentionScale > 0) || !float.IsFinite(attentionScale))
            throw new ArgumentException($"The attention scale {attentionScale} must be a positive number; check rope_scaling of the checkpoint.", nameof(attentionScale));
        _inverseFrequencies = inverseFrequencies.ToArray();
        AttentionScale = attentionScale;
        _tables = new(() => new RotaryTables(this));
    }

    /// <summary>Elements of a row.</summary>
    public int HeadDim => _inverseFrequencies.Length * 2;

    /// <summary>Factor that <see cref="Fill"/> applies to cosine and sine.</summary>
    public float AttentionScale { get; }

    /// <summary>Tables for rotating keys while they are read, built at first use and shared by all sequences of a model.</summary>
    public RotaryTables Tables => _tables.Value;

    /// <summary>Cosines and sines of one position, angles in double precision, both times <see cref="AttentionScale"/>.</summary>
    /// <param name="position">Position of the token; may be negative (a turn backwards).</param>
    /// <param name="cos">[headDim/2], written.</param>
    /// <param name="sin">[headDim/2], written.</param>
    /// <exception cref="ArgumentException">A span is shorter than headDim/2.</exception>
    public void Fill(long position, Span<float> cos, Span<float> sin) => FillScaled(position, AttentionScale, cos, sin);

    /// <summary>Turns one row in place: <c>x[i] = x[i] cos - x[i+h] sin</c>, <c>x[i+h] = x[i+h] cos + x[i] sin</c>, h = headDim/2.</summary>
    /// <param name="row">[headDim], changed in place.</param>
    /// <param name="cos">[headDim/2] of <see cref="Fill"/>.</param>
    /// <param name="sin">[headDim/2] of <see cref="Fill"/>.</param>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public static void Rotate(Span<float> row, ReadOnlySpan<float> cos, ReadOnlySpan<float> sin) => Rotate(row, cos, sin, row);

    /// <summary>Turns one row into another: like <see cref="Rotate(Span{float}, ReadOnlySpan{float}, ReadOnlySpan{float})"/> with a destination.</summary>
    /// <param name="row">[headDim].</param>
    /// <param name="cos">[headDim/2].</param>
    /// <param name="sin">[headDim/2].</param>
    /// <param name="destination">[headDim]; may be <paramref name="row"/> itself, but must not overlap it otherwise.</param>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public static void Rotate(ReadOnlySpan<float> row, ReadOnlySpan<float> cos, ReadOnlySpan<float> sin, Span<float> destination)
    {
        int half = cos.Length;
        if (row.Length != 2 * half || sin.Length != half || destination.Length < row.Length)
            throw new ArgumentException($"A row of {row.Length} elements needs {row.Length / 2} cosines and sines and as many destination elements; got {half}, {sin.Length}, {destination.Length}.", nameof(row));
        int i = 0;
        for (; i + 8 <= half; i += 8)
        {
            Vector256<float> a = Vector256.Create(row[i..]), b = Vector256.Create(row[(i + half)..]);
            Vector256<float> c = Vector256.Create(cos[i..]), s = Vector256.Create(sin[i..]);
            Vector256.FusedMultiplyAdd(a, c, -(b * s)).CopyTo(destination[i..]);
            Vector256.FusedMultiplyAdd(b, c, a * s).CopyTo(destination[(i + half)..]);
        }
        for (; i < half; i++)
        {
            float a = row[i], b = row[i + half];
            destination[i] = float.FusedMultiplyAdd(a, cos[i], -(b * sin[i]));
            destination[i + half] = float.FusedMultiplyAdd(b, cos[i], a * sin[i]);
        }
    }

    internal void FillScaled(long position, float scale, Span<float> cos, Span<float> sin)
    {
        if (cos.Length < _inverseFrequencies.Length || sin.Length < _inverseFrequencies.Length)
            throw new ArgumentException($"The rotary tables need {_inverseFrequencies.Length} elements; got {cos.Length} and {sin.Length}.", nameof(cos));
        for (int i = 0; i < _inverseFrequencies.Length; i++)
        {
            (double s, double c) = Math.SinCos(position * _inverseFrequencies[i]);
            cos[i] = (float)(c * scale);
            sin[i] = (float)(s * scale);
        }
    }
}
