using Actors.Models;
using Actors.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Actors.Engine.Tests;

/// <summary>Text on its way out, with the bundled model's tokenizer. What the model says is whatever it says: the rules hold for any text.</summary>
public sealed class TextTests : IAsyncLifetime
{
    private readonly LoadedModel _model = LoadedModel.Open(RepositoryFiles.BundledModel, threads: 1);
    private readonly InferenceEngine _engine;

    public TextTests() =>
        _engine = new InferenceEngine(_model, EngineHarness.DefaultOptions(), TimeProvider.System, NullLogger<InferenceEngine>.Instance);

    [Fact]
    public async Task RunAsync_Text_IsTheDecodedTokens()
    {
        List<EngineEvent> events = await AnswerAsync(40, EngineHarness.Greedy);

        Assert.Equal(40, events.TokenIds().Length);
        Assert.Equal(_model.Tokenizer.Decode(events.TokenIds(), skipSpecialTokens: true), events.Text());
    }

    [Fact]
    public async Task RunAsync_StopString_EndsTheTextBeforeIt()
    {
        List<EngineEvent> free = await AnswerAsync(40, EngineHarness.Greedy);
        string text = free.Text();
        string stop = text.Substring(text.Length / 2, 5);

        List<EngineEvent> stopped = await AnswerAsync(40, EngineHarness.Greedy with { Stop = ["never said: \u2603", stop] });

        Assert.Equal(text[..text.IndexOf(stop, StringComparison.Ordinal)], stopped.Text());
        Assert.Equal(stop, stopped.Finish().MatchedStop);
        Assert.Equal(FinishReason.Stop, stopped.Finish().Reason);
        Assert.Equal(free.TokenIds()[..stopped.TokenIds().Length], stopped.TokenIds());
    }

    [Fact]
    public async Task RunAsync_TextThatBeganAStopString_ArrivesWhenItDidNot()
    {
        List<EngineEvent> free = await AnswerAsync(20, EngineHarness.Greedy);
        string text = free.Text();

        // The last characters begin the stop string, so they are held until the turn ends.
        List<EngineEvent> held = await AnswerAsync(20, EngineHarness.Greedy with { Stop = [text[^3..] + "\u2603"] });

        Assert.Equal(text, held.Text());
        Assert.Equal(text[^3..], held.Finish().Text);
        Assert.Equal(FinishReason.Length, held.Finish().Reason);
    }

    [Fact]
    public async Task RunAsync_StopToken_IsNamedAndStaysOutOfTheSequence()
    {
        List<EngineEvent> free = await AnswerAsync(20, EngineHarness.Greedy);
        int stop = free.TokenIds()[7];
        int first = Array.IndexOf(free.TokenIds(), stop);
        EngineSequence sequence = _engine.Open(new SequenceOptions());
        int[] prompt = Prompt();

        List<EngineEvent> events = await CollectAsync(
            sequence, EngineHarness.Generate(prompt, 20) with { StopTokens = [stop], IgnoreEnd = true });

        Assert.Equal(stop, events.Finish().StopToken);
        Assert.Equal(first, events.TokenIds().Length);
        Assert.Equal(prompt.Length + first, sequence.TokenCount);
        Assert.Equal(first, events.Finish().Usage.GeneratedTokens);
    }

    [Fact]
    public async Task RunAsync_AnswerSoFar_GoesOnWithTheSameDraws()
    {
        var sampling = new SamplingOptions { Temperature = 1, Seed = 7, FrequencyPenalty = 0.5f };
        List<EngineEvent> whole = await AnswerAsync(24, sampling);
        int[] begun = whole.TokenIds()[..10];
        EngineSequence sequence = _engine.Open(new SequenceOptions { Tokens = (int[])[.. Prompt(), .. begun] });

        List<EngineEvent> rest = await CollectAsync(
            sequence, new EngineTurn { MaxNewTokens = 14, Sampling = sampling, IgnoreEnd = true, AnswerSoFar = 10 });

        Assert.Equal(whole.TokenIds()[10..], rest.TokenIds());
    }

    [Fact]
    public async Task RunAsync_LogProbabilities_AreReportedWithAlternatives()
    {
        List<EngineEvent> events = await AnswerAsync(5, EngineHarness.Greedy with { LogProbabilities = true, TopLogProbabilities = 3 });

        foreach (EngineEvent.Token token in events.OfType<EngineEvent.Token>())
        {
            Assert.Equal(3, token.Alternatives.Count);
            Assert.Equal(token.Id, token.Alternatives[0].Token);
            Assert.Equal(token.LogProbability, token.Alternatives[0].LogProbability);
        }
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _engine.DisposeAsync();
        _model.Dispose();
    }

    private int[] Prompt() => _model.Tokenizer.Encode("The key of the harbour office is", parseSpecialTokens: false);

    private Task<List<EngineEvent>> AnswerAsync(int tokens, SamplingOptions sampling) => CollectAsync(
        _engine.Open(new SequenceOptions()), EngineHarness.Generate(Prompt(), tokens) with { Sampling = sampling });

    private async Task<List<EngineEvent>> CollectAsync(EngineSequence sequence, EngineTurn turn)
    {
        List<EngineEvent> events = [];
        await foreach (EngineEvent item in _engine.RunAsync(sequence, turn))
            events.Add(item);
        return events;
    }
}
