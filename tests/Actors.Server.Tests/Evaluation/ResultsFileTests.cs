using Actors.Server.Evaluation;

namespace Actors.Server.Tests.Evaluation;

public sealed class ResultsFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("results-");

    private string FileName => Path.Combine(_folder.FullName, "results.jsonl");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Add_Rows_AreThereWhenOpenedAgain()
    {
        ResultsFile file = ResultsFile.Open(FileName);
        file.Add([Row("dense", 1), Row("auto:window=3", 2)]);

        ResultsFile again = ResultsFile.Open(FileName);

        Assert.Equal([Row("dense", 1).Key, Row("auto:window=3", 2).Key], again.Rows.Select(row => row.Key));
        Assert.True(again.Has(Row("dense", 1).Key));
        Assert.False(again.Has(Row("dense", 1).Key with { Ingest = "auto" }));
        EvaluationRow row = again.Rows[0];
        Assert.Equal((61.25, "uuid", new EvaluationShare(2, 3)), (row.Score, row.Kinds.Single().Key, row.Kinds.Single().Value));
        Assert.Equal(new TextRange(7, 11), row.Answers.Single().Planted.Single());
        Assert.Null(row.Perplexity);
    }

    [Fact]
    public void Open_AfterACutInTheMiddleOfALine_DropsThatLineAndGoesOn()
    {
        ResultsFile.Open(FileName).Add([Row("dense", 1), Row("dense", 2)]);
        byte[] whole = File.ReadAllBytes(FileName);
        int second = Array.IndexOf(whole, (byte)'\n') + 1;
        foreach (int length in new[] { second, second + 1, whole.Length - 1 })
        {
            File.WriteAllBytes(FileName, whole[..length]);

            ResultsFile file = ResultsFile.Open(FileName);
            Assert.Equal(1, Assert.Single(file.Rows).Key.Seed);
            file.Add([Row("dense", 2)]);

            Assert.Equal(whole, File.ReadAllBytes(FileName));
        }
    }

    [Fact]
    public void Open_DamagedLine_IsNamed()
    {
        ResultsFile.Open(FileName).Add([Row("dense", 1)]);
        File.AppendAllText(FileName, "{\"key\":{}}\n");

        Assert.Contains("Line 2", Assert.Throws<EvaluationException>(() => ResultsFile.Open(FileName)).Message);
        Assert.EndsWith("{\"key\":{}}\n", File.ReadAllText(FileName));
    }

    private static EvaluationRow Row(string policy, long seed) => new()
    {
        Key = new EvaluationKey { Task = "kv", Policy = policy, Length = 400, Seed = seed, Samples = 3, Model = "tiny 0" },
        Tokens = 390, Questions = 3, Right = 2, Score = 61.25, Kinds = new Dictionary<string, EvaluationShare> { ["uuid"] = new(2, 3) },
        Answers = [new EvaluationAnswer(0, "uuid", 0.5, [new TextRange(7, 11)], "told", "asked?", ["x"], "said", 1)],
    };
}
