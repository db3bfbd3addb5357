using System.Diagnostics.Metrics;
using Actors.Attention;

namespace Actors.Engine;

/// <summary>Counts and times of one engine, for <see cref="EngineStatistics"/> and for the meter <c>Actors.Engine</c>. Thread-safe.</summary>
internal sealed class EngineInstruments : IDisposable
{
    public const string MeterName = "Actors.Engine";

    private static readonly KeyValuePair<string, object?> Prefill = new("kind", "prefill");
    private static readonly KeyValuePair<string, object?> Recompute = new("kind", "recompute");
    private static readonly KeyValuePair<string, object?> Decode = new("kind", "decode");
    private static readonly KeyValuePair<string, object?> Cached = new("kind", "cached");

    private readonly Meter _meter = new(MeterName);
    private readonly Counter<long> _stepCounter;
    private readonly Counter<long> _tokenCounter;
    private readonly Histogram<double> _stepSeconds;
    private readonly Counter<long> _turnCounter;
    private readonly Histogram<double> _recall, _outputError, _keysTouched;
    private long _steps, _prefillTokens, _recomputedTokens, _decodeTokens, _cachedTokens, _stepTicks;

    public EngineInstruments(TimeProvider time)
    {
        Clock = new StepClock(time);
        _stepCounter = _meter.CreateCounter<long>("actors.engine.steps", "{step}", "Steps computed.");
        _tokenCounter = _meter.CreateCounter<long>(
            "actors.engine.tokens", "{token}", "Tokens by kind: prefill, recompute and decode were computed, cached were found.");
        _stepSeconds = _meter.CreateHistogram<double>("actors.engine.step.duration", "s", "Time of one step.");
        _turnCounter = _meter.CreateCounter<long>(
            "actors.engine.turns", "{turn}", "Turns ended, by outcome: finished, cancelled, failed or refused.");
        _recall = _meter.CreateHistogram<double>("actors.engine.fidelity.recall", "1", "Share of exact attention mass on keys that were read, per sampled step.");
        _outputError = _meter.CreateHistogram<double>("actors.engine.fidelity.output_error", "1", "Difference to the exact output by its length, per sampled step.");
        _keysTouched = _meter.CreateHistogram<double>("actors.engine.fidelity.keys_touched", "1", "Share of all keys that were read, per sampled step.");
    }

    public StepClock Clock { get; }

    /// <summary>Publishes what the engine holds; read when a listener collects.</summary>
    public void Observe(Func<EngineStatistics> read)
    {
        _meter.CreateObservableGauge("actors.engine.turns.running", () => read().RunningTurns, "{turn}", "Turns that run now.");
        _meter.CreateObservableGauge("actors.engine.turns.waiting", () => read().WaitingTurns, "{turn}", "Turns that wait for a place.");
        _meter.CreateObservableGauge("actors.engine.kv.resident", () => read().ResidentBytes, "By", "Memory that holds keys and values.");
        _meter.CreateObservableGauge("actors.engine.kv.budget", () => read().BudgetBytes, "By", "Limit of actors.engine.kv.resident.");
    }

    public void CountStep(TimeSpan duration, int decodeTokens)
    {
        Interlocked.Increment(ref _steps);
        Interlocked.Add(ref _stepTicks, duration.Ticks);
        Interlocked.Add(ref _decodeTokens, decodeTokens);
        _stepCounter.Add(1);
        _stepSeconds.Record(duration.TotalSeconds);
        if (decodeTokens > 0)
            _tokenCounter.Add(decodeTokens, Decode);
    }

    public void CountPrefill(int computed, int recomputed)
    {
        Interlocked.Add(ref _prefillTokens, computed);
        Interlocked.Add(ref _recomputedTokens, recomputed);
        if (computed > 0)
            _tokenCounter.Add(computed, Prefill);
        if (recomputed > 0)
            _tokenCounter.Add(recomputed, Recompute);
    }

    public void CountCached(int tokens)
    {
        if (tokens == 0)
            return;
        Interlocked.Add(ref _cachedTokens, tokens);
        _tokenCounter.Add(tokens, Cached);
    }

    public void CountTurn(string outcome) => _turnCounter.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    /// <summary>Notes a step that was compared with exact attention. Options of the policy are left out of the tag: users choose them freely.</summary>
    public void CountFidelity(string policy, in FidelityReport sample)
    {
        KeyValuePair<string, object?> name = new("policy", policy.Split(':')[0]);
        _recall.Record(sample.Recall, name);
        _outputError.Record(sample.OutputError, name);
        _keysTouched.Record(sample.KeysTouched, name);
    }

    public EngineStatistics Read() => new()
    {
        Steps = Interlocked.Read(ref _steps),
        PrefillTokens = Interlocked.Read(ref _prefillTokens),
        RecomputedTokens = Interlocked.Read(ref _recomputedTokens),
        DecodeTokens = Interlocked.Read(ref _decodeTokens),
        CachedTokens = Interlocked.Read(ref _cachedTokens),
        StepTime = TimeSpan.FromTicks(Interlocked.Read(ref _stepTicks)),
        PreTime = Clock.Read(StepPhase.Pre),
        WriteTime = Clock.Read(StepPhase.Write),
        AttentionTime = Clock.Read(StepPhase.Attention),
        PostTime = Clock.Read(StepPhase.Post),
        HeadTime = Clock.Read(StepPhase.Head),
        SampleTime = Clock.Read(StepPhase.Sample),
    };

    public void Dispose() => _meter.Dispose();
}
