using System.Diagnostics.Metrics;

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
