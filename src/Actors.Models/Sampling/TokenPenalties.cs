namespace Actors.Models;

/// <summary>Counts the tokens seen and lowers their logits; costs one step per distinct token, however long the history.</summary>
internal sealed class TokenPenalties
{
    private readonly SamplingOptions _options;
    private readonly int[] _answerCounts;
    private readonly bool[] _seen;
    private readonly List<int> _distinct = [];

    public TokenPenalties(SamplingOptions options, int vocabulary)
    {
        _options = options;
        _answerCounts = new int[vocabulary];
        _seen = new bool[vocabulary];
    }

    public static bool AreActive(SamplingOptions options) =>
        options.RepetitionPenalty != 1 || options.PresencePenalty != 0 || options.FrequencyPenalty != 0;

    public void Add(int token, bool answer)
    {
        if (!_seen[token])
        {
            _seen[token] = true;
            _distinct.Add(token);
        }

        if (answer) _answerCounts[token]++;
    }

    public void Apply(Span<float> logits)
    {
        foreach (int token in _distinct)
        {
            float logit = logits[token];
            logit = logit > 0 ? logit / _options.RepetitionPenalty : logit * _options.RepetitionPenalty;
            int count = _answerCounts[token];
            if (count > 0) logit -= _options.PresencePenalty + count * _options.FrequencyPenalty;
            logits[token] = logit;
        }
    }
}
