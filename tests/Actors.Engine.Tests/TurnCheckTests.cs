namespace Actors.Engine.Tests;

public class TurnCheckTests
{
    public static TheoryData<string, EngineTurn> BadTurns => new()
    {
        { "Token 1 is 320", new EngineTurn { Input = new[] { 1, 320 } } },
        { "MaxNewTokens", new EngineTurn { Input = new[] { 1 }, MaxNewTokens = -1 } },
        { "AnswerSoFar", new EngineTurn { Input = new[] { 1 }, MaxNewTokens = 1, AnswerSoFar = 2 } },
        { "Temperature", new EngineTurn { Input = new[] { 1 }, MaxNewTokens = 1, Sampling = new() { Temperature = -1 } } },
        { "tokenizer", new EngineTurn { Input = new[] { 1 }, MaxNewTokens = 1, Sampling = new() { Stop = ["x"] } } },
        { "empty", new EngineTurn { MaxNewTokens = 1 } },
    };

    [Theory]
    [MemberData(nameof(BadTurns))]
    public async Task RunAsync_BadTurn_SaysWhatIsWrongAndChangesNothing(string expected, EngineTurn turn)
    {
        await using var harness = new EngineHarness();
        EngineSequence sequence = harness.Open();

        ArgumentException error = await Assert.ThrowsAnyAsync<ArgumentException>(() => harness.RunAsync(sequence, turn));

        Assert.Contains(expected, error.Message);
        Assert.Equal(0, sequence.TokenCount);
        Assert.Equal(FinishReason.Ingested, (await harness.RunAsync(sequence, new EngineTurn { Input = new[] { 1 } })).Finish().Reason);
    }

    [Fact]
    public async Task Open_UnknownPolicyOrToken_SaysWhatIsWrong()
    {
        await using var harness = new EngineHarness();

        Assert.Contains("nonsense", Assert.Throws<ArgumentException>(() => harness.Open("nonsense")).Message);
        Assert.Contains("-1", Assert.Throws<ArgumentOutOfRangeException>(() => harness.Open(tokens: [1, -1])).Message);
    }

    [Fact]
    public void Open_MissingDirectory_NamesIt()
    {
        ModelLoadException error = Assert.Throws<ModelLoadException>(() => LoadedModel.Open("/no/such/model", threads: 1));

        Assert.Contains("/no/such/model", error.Message);
    }
}
