using Actors.Attention;
using Actors.Engine;
using Actors.Models;
using Actors.Server.Cli;
using Actors.Server.Documents;
using Actors.Server.Tests.Cli;

namespace Actors.Server.Tests.Documents;

/// <summary>Lists of documents, with the bundled model.</summary>
public sealed class DocumentReadingTests : IAsyncLifetime
{
    private const string Question = "What is the pass key of house 2?";
    private static readonly string[] Documents = [.. Enumerable.Range(1, 3).Select(house => $"The kettle of house {house} is blue. The pass key of house {house} is {41000 + (house * 77)}. Remember it.")];
    private static readonly EngineTurn Answer = new() { MaxNewTokens = 8, Sampling = new SamplingOptions { Temperature = 0 } };

    private EngineAccess _access = null!;

    public Task InitializeAsync()
    {
        _access = EngineAccess.Open(new Settings { Threads = 1 });
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await _access.DisposeAsync();

    [Fact]
    public async Task Answer_Sorted_EndsInAscendingAttentionOrWithItsRounds()
    {
        DocumentAnswer answer = await Reading().AnswerAsync(Documents, Question, DocumentCalibration.Sort, 4, Answer, default);

        Assert.Equal([0, 1, 2], answer.Order.Order());
        Assert.Equal(answer.Attention.Order(), answer.Attention);
        Assert.InRange(answer.Passes, 2, 5);
        double[] measured = await Reading().MeasureAsync([.. answer.Order.Select(document => Documents[document])], Question, default);
        if (answer.Passes < 5)
            Assert.Equal(measured, answer.Attention);
        Assert.All(measured, share => Assert.InRange(share, 1e-6, 1));
        Assert.InRange(measured.Sum(), 0.001, 1);
    }

    [Fact]
    public async Task Answer_Middle_KeepsTheAttentionOfAllDocumentsTogether()
    {
        DocumentAnswer answer = await Reading().AnswerAsync(Documents, Question, DocumentCalibration.Middle, 1, Answer, default);

        Assert.Equal([0, 1, 2], answer.Order);
        Assert.Equal(1 + 1 + 3, answer.Passes);
        Assert.Equal(answer.Attention.Sum(), answer.Attention.Zip(answer.Factors, (drawn, factor) => drawn * factor).Sum(), 1e-6);
        Assert.Equal(3, answer.Factors.Distinct().Count());
        Assert.Equal(await Reading().MeasureAsync(Documents, Question, default), answer.Attention);
    }

    [Fact]
    public async Task Answer_ListTwice_ReadsItTwice()
    {
        long once = (await Reading().AnswerAsync(Documents, Question, DocumentCalibration.None, 1, Answer, default)).PromptTokens;
        DocumentAnswer twice = await Reading(2).AnswerAsync(Documents, Question, DocumentCalibration.None, 1, Answer, default);

        Assert.InRange(twice.PromptTokens, once * 1.7, once * 2);
        Assert.Empty(twice.Attention);
    }

    [Fact]
    public async Task Run_SpansOfATurn_ScaleItsAttentionAndNoOtherTurns()
    {
        int[] tokens = _access.Model.Tokenizer.Encode(Documents[0] + Documents[1], parseSpecialTokens: false);
        async Task<float> MassAsync(SpanWeights? spans)
        {
            await using EngineSequence sequence = _access.Engine.Open(new SequenceOptions());
            await foreach (EngineEvent unused in _access.Engine.RunAsync(sequence, new EngineTurn { Input = tokens.AsMemory(0, tokens.Length - 1) }, default)) { }
            var turn = new EngineTurn { Input = tokens.AsMemory(tokens.Length - 1), MaxNewTokens = 1, ReceiptTokens = 4096, IgnoreEnd = true, Sampling = Answer.Sampling, Spans = spans };
            await foreach (EngineEvent item in _access.Engine.RunAsync(sequence, turn, default))
                if (item is EngineEvent.Token token) return token.Receipt!.Read.Where(read => read.Position is >= 5 and < 20).Sum(read => read.Mass);
            return -1;
        }

        float plain = await MassAsync(null);
        Assert.InRange(await MassAsync(new(0, [new(5, 20, MathF.Log(8))])), plain * 1.5f, 1);
        Assert.Equal(plain, await MassAsync(null));
        await Assert.ThrowsAsync<ArgumentException>(() => MassAsync(new(0, [new(5, 20, 0), new(19, 21, 0)])));
        await Assert.ThrowsAsync<ArgumentException>(() => MassAsync(new(0, [new(5, 20, float.NaN)])));
    }

    [Fact]
    public async Task Ask_Documents_PrintsAnswerAndAttention()
    {
        using CliRun cli = new();
        string one = cli.WriteFile("1.txt", Documents[0]), two = cli.WriteFile("2.txt", Documents[1]);

        Assert.Equal(ExitCode.Ok, await cli.RunAsync("ask", Question, "--documents", one, two, "--calibrate", "sort", "--max-tokens", "4", "--threads", "1", "--json"));

        Assert.Equal(2, cli.Json().GetProperty("documents").GetArrayLength());
        Assert.Equal(2, cli.Json().GetProperty("attention").GetArrayLength());
        Assert.Equal(ExitCode.NotFound, await cli.RunAsync("ask", Question, "--documents", one, one + "x"));
        Assert.Equal(ExitCode.Usage, await cli.RunAsync("ask", Question, "--documents", cli.WriteFile("empty.txt", " ")));
    }

    [Theory]
    [InlineData("ask q", "--session")]
    [InlineData("ask q --session s --documents a", "--session")]
    [InlineData("ask q --session s --rounds 2", "--documents")]
    [InlineData("ask q --session s --calibrate sort", "--documents")]
    [InlineData("ask q --documents a --receipt", "--receipt")]
    [InlineData("ask q --documents a --rounds 0", "--rounds")]
    [InlineData("ask q --documents a --calibrate best", "best")]
    public async Task Ask_OptionsThatDoNotFit_AreUsageErrors(string line, string named)
    {
        using CliRun cli = new();

        Assert.Equal(ExitCode.Usage, await cli.RunAsync(line.Split(' ')));
        Assert.Contains(named, cli.Error);
    }

    private DocumentReading Reading(int repeat = 1) => new(_access.Engine, "auto", repeat, static _ => { });
}
