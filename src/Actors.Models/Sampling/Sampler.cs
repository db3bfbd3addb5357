using System.Buffers.Binary;
using System.Numerics.Tensors;
using System.Security.Cryptography;

namespace Actors.Models;

/// <summary>
/// Chooses the tokens of one answer. Holds the counts for penalties and the state of the random sequence: one per answer, one thread at a
/// time. Allocates nothing per token unless alternatives are asked for.
/// </summary>
public sealed class Sampler
{
    private const int NucleusGuess = 512;
    private readonly SamplingOptions _options;
    private readonly TokenPenalties? _penalties;
    private readonly TokenCandidates _candidates;
    private readonly KeyValuePair<int, float>[] _biases;
    private readonly float[] _adjusted;
    private readonly float[] _exponentials;
    private SplitMix64 _random;

    /// <summary>Creates a sampler.</summary>
    /// <param name="options">Valid options.</param>
    /// <param name="vocabulary">Logits per token.</param>
    /// <exception cref="ArgumentException">Options are out of range; the message lists every failure.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The vocabulary is empty.</exception>
    public Sampler(SamplingOptions options, int vocabulary)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(vocabulary);
        var failures = options.Validate(vocabulary);
        if (failures.Count > 0) throw new ArgumentException(string.Join(" ", failures), nameof(options));
        _options = options;
        _penalties = TokenPenalties.AreActive(options) ? new TokenPenalties(options, vocabulary) : null;
        _candidates = new TokenCandidates(vocabulary);
        _biases = options.LogitBias?.ToArray() ?? [];
        _adjusted = new float[vocabulary];
        _exponentials = new float[vocabulary];
        Span<byte> seed = stackalloc byte[sizeof(long)];
        if (options.Seed is null) RandomNumberGenerator.Fill(seed);
        _random = new SplitMix64((ulong)(options.Seed ?? BinaryPrimitives.ReadInt64LittleEndian(seed)));
    }

    /// <summary>Counts tokens that stand before the answer, for the repetition penalty.</summary>
    /// <param name="tokens">Token ids below the vocabulary.</param>
    public void ObservePrompt(ReadOnlySpan<int> tokens)
    {
        if (_penalties is null) return;
        foreach (int token in tokens) _penalties.Add(token, answer: false);
    }

    /// <summary>Goes on after tokens that an earlier sampler of the same options chose: counts them and passes over their draws.</summary>
    /// <param name="tokens">Tokens of the answer so far.</param>
    public void Resume(ReadOnlySpan<int> tokens)
    {
        if (_options.Temperature > 0) _random.Skip(tokens.Length);
        if (_penalties is null) return;
        foreach (int token in tokens) _penalties.Add(token, answer: true);
    }

    /// <summary>Chooses the next token and counts it.</summary>
    /// <param name="logits">Raw logits, [vocabulary]; not changed.</param>
    /// <exception cref="ArgumentException">There are not as many logits as tokens in the vocabulary.</exception>
    /// <exception cref="InvalidOperationException">The logits hold a NaN or no finite value, which means damaged weights.</exception>
    public SampledToken Sample(ReadOnlySpan<float> logits)
    {
        if (logits.Length != _adjusted.Length)
            throw new ArgumentException($"{logits.Length} logits for a vocabulary of {_adjusted.Length}.", nameof(logits));
        float max = TensorPrimitives.Max(logits);
        if (!float.IsFinite(max))
            throw new InvalidOperationException($"The best logit is {max}: the model's weights are damaged or its numbers overflowed.");
        float logSum = max + (float)Math.Log(Exponentials(logits, max, 1));
        logits.CopyTo(_adjusted);
        foreach (var (biased, bias) in _biases) _adjusted[biased] += bias;
        _penalties?.Apply(_adjusted);
        int token = _options.Temperature == 0 ? TensorPrimitives.IndexOfMax<float>(_adjusted) : Draw();
        _penalties?.Add(token, answer: true);
        return new SampledToken(token, Math.Min(0, logits[token] - logSum), Top(logits, logSum));
    }

    private int Draw()
    {
        float max = TensorPrimitives.Max<float>(_adjusted);
        bool filtered = _options.TopK > 0 || _options.TopP < 1 || _options.MinP > 0;
        double total = _options.TopK > 0 ? 0 : Exponentials(_adjusted, max, _options.Temperature);
        if (!filtered) return Pick(_exponentials, total);
        int limit = _options.TopK > 0 ? _options.TopK : _options.TopP < 1 ? NucleusGuess : _adjusted.Length;
        Span<float> weights;
        int kept;
        while (true)
        {
            _candidates.Collect(_adjusted, limit, MinLogit(max, total));
            weights = _exponentials.AsSpan(0, _candidates.Count);
            for (int i = 0; i < weights.Length; i++) weights[i] = MathF.Exp((_candidates.Logit(i) - max) / _options.Temperature);
            if (_options.TopK > 0) total = Sum(weights);
            kept = Nucleus(weights, total * _options.TopP);
            // A nucleus that may reach beyond the guess needs more candidates; sorting all of them at once would cost far more.
            if (_options.TopK > 0 || kept < limit || limit >= _adjusted.Length) break;
            limit = (int)Math.Min(8L * limit, _adjusted.Length);
        }

        while (kept > 1 && weights[kept - 1] < _options.MinP * weights[0]) kept--;
        weights = weights[..kept];
        return _candidates.Token(Pick(weights, Sum(weights)));
    }

    // Below this logit no token can survive: all together, those that are less probable than (1 - p) / V weigh less than 1 - p.
    private float MinLogit(float max, double total)
    {
        if (_options.TopK > 0) return float.NegativeInfinity;
        double nucleus = _options.TopP < 1 ? Math.Log((1 - _options.TopP) * total / _adjusted.Length) : double.NegativeInfinity;
        double relative = Math.Max(nucleus, Math.Log(_options.MinP));
        return Math.Min(max, max + (float)(_options.Temperature * relative) - 1e-3f);
    }

    private static int Nucleus(ReadOnlySpan<float> weights, double wanted)
    {
        double sum = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            sum += weights[i];
            if (sum >= wanted) return i + 1;
        }

        return weights.Length;
    }

    private int Pick(ReadOnlySpan<float> weights, double total)
    {
        double left = _random.NextDouble() * total;
        int last = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            if (weights[i] == 0) continue;
            last = i;
            left -= weights[i];
            if (left < 0) break;
        }

        return last;
    }

    // Fills _exponentials with exp((logit - max) / temperature) and returns their sum, at least 1.
    private double Exponentials(ReadOnlySpan<float> logits, float max, float temperature)
    {
        TensorPrimitives.Subtract(logits, max, _exponentials);
        if (temperature != 1) TensorPrimitives.Divide(_exponentials, temperature, _exponentials);
        TensorPrimitives.Exp(_exponentials, _exponentials);
        return Sum(_exponentials);
    }

    private static double Sum(ReadOnlySpan<float> weights)
    {
        double sum = 0;
        foreach (float weight in weights) sum += weight;
        return sum;
    }

    private TokenLogProbability[] Top(ReadOnlySpan<float> logits, float logSum)
    {
        if (_options.TopLogProbabilities == 0) return [];
        _candidates.Collect(logits, _options.TopLogProbabilities, float.NegativeInfinity);
        var top = new TokenLogProbability[_candidates.Count];
        for (int i = 0; i < top.Length; i++)
            top[i] = new TokenLogProbability(_candidates.Token(i), Math.Min(0, _candidates.Logit(i) - logSum));
        return top;
    }
}
