using Actors.Models;

namespace Actors.Engine;

/// <summary>The generating half of a turn: its sampler, its end tokens, and the way from tokens to text that may be shown.</summary>
internal sealed class TurnOutput
{
    private readonly Sampler _sampler;
    private readonly StreamingDecoder? _decoder;
    private readonly StopSequenceMatcher? _stops;
    private readonly HashSet<int> _endTokens;

    public TurnOutput(LoadedModel model, EngineTurn turn)
    {
        _sampler = new Sampler(turn.Sampling, model.Backend.Shape.VocabularySize);
        _decoder = model.HasTokenizer ? model.Tokenizer.CreateDecoder() : null;
        _stops = turn.Sampling.Stop.Count > 0 ? new StopSequenceMatcher(turn.Sampling.Stop) : null;
        _endTokens = [.. turn.StopTokens];
        if (!turn.IgnoreEnd)
            _endTokens.UnionWith(model.EndTokens);
    }

    /// <summary>The stop string that the text has reached, if it has.</summary>
    public string? MatchedStop => _stops?.Matched;

    public bool IsEnd(int token) => _endTokens.Contains(token);

    /// <summary>Takes note of the context: of its tokens the last <paramref name="answerTokens"/> belong to the answer already.</summary>
    public void Begin(ReadOnlySpan<int> context, int answerTokens)
    {
        _sampler.ObservePrompt(context[..^answerTokens]);
        _sampler.Resume(context[^answerTokens..]);
        foreach (int token in context[^answerTokens..])
            Append(token);
    }

    /// <summary>Chooses the next token.</summary>
    public SampledToken Sample(ReadOnlySpan<float> logits) => _sampler.Sample(logits);

    /// <summary>Text that becomes certain with a token.</summary>
    public string Append(int token) => Filter(_decoder?.Append(token) ?? "");

    /// <summary>Text that is still held back, when nothing follows.</summary>
    public string Flush()
    {
        string text = Filter(_decoder?.Flush() ?? "");
        return _stops is null ? text : text + _stops.Flush();
    }

    private string Filter(string text) => _stops is null ? text : _stops.Append(text);
}
