using Actors.Attention;
using Actors.Engine;

namespace Actors.Server.Evaluation;

/// <summary>Gathers what one policy answered in one cell. Not thread-safe.</summary>
/// <param name="policy">The policy.</param>
internal sealed class PolicyTally(string policy)
{
    private readonly List<EvaluationAnswer> _answers = [];
    private double _recall, _outputError;
    private long _compared;
    private readonly List<double> _decodeMilliseconds = [], _keysRead = [], _touchedPercent = [], _switchMilliseconds = [];

    public string Policy => policy;

    /// <summary>Bytes of the policy's indexes and memories after the last answer.</summary>
    public long IndexBytes { get; set; }

    public void AddSwitch(TimeSpan time) => _switchMilliseconds.Add(time.TotalMilliseconds);

    /// <summary>Adds what came to the means of a sequence since they were looked at before.</summary>
    public void AddFidelity(FidelityReport before, FidelityReport after)
    {
        if (after.Samples < before.Samples) before = default; // a sequence forgets the policy that it has not used for the longest time
        _compared += after.Samples - before.Samples;
        _recall += (after.Recall * after.Samples) - (before.Recall * before.Samples);
        _outputError += (after.OutputError * after.Samples) - (before.OutputError * before.Samples);
    }

    /// <summary>Adds an answer.</summary>
    /// <param name="answer">What was said.</param>
    /// <param name="result">What it cost.</param>
    /// <param name="keysRead">Keys that a layer and KV head read in the last step.</param>
    /// <param name="contextTokens">Keys that there were.</param>
    public void Add(EvaluationAnswer answer, TurnResult result, double keysRead, int contextTokens)
    {
        _answers.Add(answer);
        if (result.DecodeSteps < 1) return;
        _decodeMilliseconds.Add(result.Usage.Decode.TotalMilliseconds / result.DecodeSteps);
        _keysRead.Add(keysRead);
        _touchedPercent.Add(100 * keysRead / contextTokens);
    }

    /// <summary>The result.</summary>
    /// <param name="key">What was measured.</param>
    /// <param name="tokens">Mean length of the contexts.</param>
    /// <param name="prefillTokensPerSecond">Of reading them.</param>
    /// <param name="memory">What they took.</param>
    public EvaluationRow ToRow(EvaluationKey key, int tokens, double prefillTokensPerSecond, SequenceMemory memory) => new()
    {
        Key = key,
        Tokens = tokens,
        Questions = _answers.Count,
        Right = _answers.Count(IsRight),
        Score = 100 * _answers.Average(answer => answer.Score),
        KeysRead = MeanOrNull(_keysRead),
        TouchedPercent = MeanOrNull(_touchedPercent),
        ReceiptFirst = ReceiptShare(),
        Recall = _compared == 0 ? null : _recall / _compared,
        OutputError = _compared == 0 ? null : _outputError / _compared,
        PrefillTokensPerSecond = prefillTokensPerSecond,
        SwitchMilliseconds = MedianOrNull(_switchMilliseconds),
        DecodeMilliseconds = MedianOrNull(_decodeMilliseconds),
        ResidentBytes = memory.ResidentBytes,
        StoredBytes = memory.StoredBytes,
        IndexBytes = IndexBytes,
        Kinds = _answers.GroupBy(answer => answer.Kind).ToDictionary(group => group.Key, group => new EvaluationShare(group.Count(IsRight), group.Count())),
        Answers = _answers,
    };

    private EvaluationShare? ReceiptShare()
    {
        bool[] first = [.. _answers.Where(IsRight).Select(answer => answer.ReceiptFirst).OfType<bool>()];
        return first.Length == 0 ? null : new EvaluationShare(first.Count(right => right), first.Length);
    }

    private static bool IsRight(EvaluationAnswer answer) => answer.Score >= 1;

    private static double? MeanOrNull(List<double> values) => values.Count == 0 ? null : values.Average();

    private static double? MedianOrNull(List<double> values) => values.Count == 0 ? null : EvaluationRunner.Median(values);
}
