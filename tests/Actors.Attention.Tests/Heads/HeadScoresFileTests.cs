using Actors.Models;
using Actors.Testing;

namespace Actors.Attention.Tests.Heads;

public sealed class HeadScoresFileTests : IDisposable
{
    private static readonly AttentionShape Shape = new(2, 4, 2, 8);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("heads-");

    private PolicyEnvironment Environment => new(512) { Shape = Shape, ModelFingerprint = "model", ModelDirectory = _folder.FullName };

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Read_WhatWasWritten_IsEqualToFiveDigits()
    {
        HeadScores scores = Scores(seed: 1);
        Write(HeadScoresFile.Text(scores));
        HeadScoresFile.Write(Path.Combine(_folder.FullName, HeadScoresFile.Name), scores);
        HeadScores read = HeadScoresFile.Read(Environment);
        Assert.Equal((scores.Model, scores.Shape, scores.Command), (read.Model, read.Shape, read.Command));
        Assert.Equal(scores.QueryHeads.Keys.Order(), read.QueryHeads.Keys.Order());
        foreach (HeadScoreKind kind in scores.QueryHeads.Keys)
            Assert.All(scores.QueryHeads[kind].Zip(read.QueryHeads[kind]), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
        Assert.Single(_folder.GetFiles());
    }

    [Fact]
    public void KvHeads_OfAGroup_AreTheGreatestAndForReachTheMean()
    {
        HeadScores scores = Scores(seed: 2);
        float[] echo = [.. scores.QueryHeads[HeadScoreKind.Echo]], reach = [.. scores.QueryHeads[HeadScoreKind.Reach]];
        Assert.Equal([MathF.Max(echo[0], echo[1]), MathF.Max(echo[2], echo[3]), MathF.Max(echo[4], echo[5]), MathF.Max(echo[6], echo[7])], scores.KvHeads(HeadScoreKind.Echo));
        Assert.Equal((reach[2] + reach[3]) / 2, scores.KvHeads(HeadScoreKind.Reach)[1], 1e-6f);
    }

    [Theory]
    [InlineData("actors-heads", "other", "no 'actors-heads' of version 1")]
    [InlineData("\"version\": 1", "\"version\": 2", "no 'actors-heads' of version 1")]
    [InlineData("\"model\": \"model\"", "\"model\": \"another-model-of-this-shape\"", "made for another model, 'another-mode...'")]
    [InlineData("\"headDim\": 8", "\"headDim\": 16", "HeadDim = 16")]
    [InlineData("\"layers\": 2", "\"layers\": 0", "layers 0")]
    [InlineData("\"layers\": 2", "\"layers\": 3", "not 3 layers of 4 heads")]
    [InlineData("\"kvHeads\": 2", "\"kvHeads\": 3", "cannot share evenly")]
    [InlineData("\"echo\"", "\"eco\"", "no scores 'echo'")]
    [InlineData("[[0.", "[[7.", "it must be 0 to 1")]
    [InlineData("\"kvHeads\": [[0.", "\"kvHeads\": [[0.0", "contradicts itself")]
    [InlineData("{", "", "damaged")]
    [InlineData("[[0.", "[[\"x\", 0.", "not 2 layers of 4 heads")]
    public void Read_WhatIsWrong_IsNamed(string good, string bad, string cause)
    {
        string text = HeadScoresFile.Text(Scores(seed: 3));
        int at = text.IndexOf(good, StringComparison.Ordinal);
        Write(text[..at] + bad + text[(at + good.Length)..]);
        Assert.Contains(cause, Assert.Throws<HeadScoresException>(() => HeadScoresFile.Read(Environment)).Message);
    }

    [Fact]
    public void Read_FileMissingOrTooLarge_NamesTheCommandAndNoDirectory()
    {
        string message = Assert.Throws<HeadScoresException>(() => HeadScoresFile.Read(Environment)).Message;
        Assert.Contains("heads.json is missing", message);
        Assert.Contains("actors heads", message);
        Assert.DoesNotContain(_folder.FullName, message);
        Write(new string(' ', (16 << 20) + 1));
        Assert.Contains("at most", Assert.Throws<HeadScoresException>(() => HeadScoresFile.Read(Environment)).Message);
        Assert.Contains("nothing is known", Assert.Throws<HeadScoresException>(() => HeadScoresFile.Read(new(512))).Message);
    }

    [Theory]
    [InlineData("razor")]
    [InlineData("duo")]
    public void Create_HeadsOfAnotherModelAndBadOptions_NamesAllOfThem(string policy)
    {
        Write(HeadScoresFile.Text(Scores(seed: 4) with { Model = "other" }));
        string message = Assert.Throws<ArgumentException>(() => AttentionPolicies.Create(policy + ":sinks=5:heads=/etc/passwd", Environment)).Message;
        Assert.All(["made for another model", "sinks is 5", "no option 'heads'"], part => Assert.Contains(part, message));
    }

    [Theory]
    [InlineData("models/recall-tiny")]
    [InlineData("models/reference/llama")]
    public void Read_FilesThatAreShipped_AreOfTheirModels(string model)
    {
        using Checkpoint checkpoint = Checkpoint.Open(Path.Combine(RepositoryFiles.Root, model));
        ModelShape shape = checkpoint.Config.Shape;
        HeadScores scores = HeadScoresFile.Read(new(512) { Shape = new(shape.Layers, shape.QueryHeads, shape.KvHeads, shape.HeadDim), ModelFingerprint = checkpoint.Fingerprint, ModelDirectory = checkpoint.Directory });
        Assert.StartsWith("actors heads", scores.Command);
    }

    internal static HeadScores Scores(int seed, AttentionShape? shape = null)
    {
        Random random = new(seed);
        shape ??= Shape;
        return new()
        {
            Model = "model", Shape = shape, Command = "test",
            QueryHeads = Enum.GetValues<HeadScoreKind>().ToDictionary(kind => kind, _ => (IReadOnlyList<float>)[.. Enumerable.Range(0, shape.Layers * shape.QueryHeads).Select(_ => 0.1f + (0.8f * random.NextSingle()))]),
        };
    }

    private void Write(string text) => File.WriteAllText(Path.Combine(_folder.FullName, HeadScoresFile.Name), text);
}
