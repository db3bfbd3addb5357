using System.Globalization;
using System.Xml.Linq;
using Actors.Server.Evaluation;
using Actors.Testing;

namespace Actors.Server.Tests.Evaluation;

public sealed class EvaluationReportTests
{
    private static readonly string Golden = Path.Combine(RepositoryFiles.Root, "tests", "Actors.Server.Tests", "Evaluation", "Reporting", "report.golden.md");

    [Fact]
    public void Create_SavedResults_GivesThePageAsItWasAgreed()
    {
        var files = EvaluationReport.Create(Results());

        string page = files[0].Content;
        if (Environment.GetEnvironmentVariable("ACTORS_WRITE_GOLDEN") == "1") File.WriteAllText(Golden, page);
        Assert.Equal(File.ReadAllText(Golden), page);
        Assert.Equal(["results.md", "niah_single_1-score.svg", "niah_single_1-decode.svg", "perplexity-chunks-of-32.svg"], files.Select(file => file.Name));
        Assert.All(files.Skip(1), file => Assert.Contains($"]({file.Name})", page));
    }

    [Fact]
    public void Create_RowsInAnyOrderAndCulture_GivesTheSameFiles()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            EvaluationRow[] rows = [.. Results()];
            var expected = EvaluationReport.Create(rows);
            CultureInfo.CurrentCulture = new CultureInfo("") { NumberFormat = new NumberFormatInfo { NumberDecimalSeparator = ",", NumberGroupSeparator = "." } };

            var files = EvaluationReport.Create([rows[0], .. rows.Skip(1).Reverse()]);

            Assert.Equal(expected.Skip(1), files.Skip(1));
            Assert.Equal(expected[0].Content[expected[0].Content.IndexOf("## ", StringComparison.Ordinal)..], files[0].Content[files[0].Content.IndexOf("## ", StringComparison.Ordinal)..]);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void Create_Charts_AreWellFormedAndDrawEveryPoint()
    {
        foreach ((_, string content) in EvaluationReport.Create(Results()).Skip(1))
        {
            XNamespace svg = "http://www.w3.org/2000/svg";
            XElement root = XDocument.Parse(content).Root!;
            double width = (double)root.Attribute("width")!, height = (double)root.Attribute("height")!;
            Assert.Equal(6, root.Elements(svg + "circle").Count());
            Assert.All(root.Elements(svg + "circle"), circle =>
            {
                Assert.InRange((double)circle.Attribute("cx")!, 0, width);
                Assert.InRange((double)circle.Attribute("cy")!, 0, height);
            });
        }
    }

    [Fact]
    public void Create_Nothing_SaysHowToMakeResults() =>
        Assert.Contains("--output", Assert.Throws<EvaluationException>(() => EvaluationReport.Create([])).Message);

    [Fact]
    public void Claims_EveryMethod_HasASourceAndMeasuresThatAreKnown()
    {
        Assert.Equal(20, MethodClaim.All.Select(claim => claim.Method).Distinct().Count());
        Assert.All(MethodClaim.All, claim =>
        {
            Assert.Matches("arXiv:[0-9]{4}[.][0-9]{5}$", claim.Source);
            Assert.NotEmpty(claim.Claim);
            Assert.NotEmpty(claim.Measures);
            Assert.Equal(claim.Measures.Contains("perplexity"), claim.Against is not null);
            Assert.True(claim.IsRunBy($"{claim.Method}:window=3") && claim.IsRunBy($"dense:prefill={claim.Method}:prefill.window=3") && !claim.IsRunBy($"dense:{claim.Method}=3"));
            Assert.Empty(claim.Measures.Except(["score", "touched", "decode", "prefill", "perplexity"]));
        });
    }

    [Fact]
    public void Summary_TwoSeeds_GivesMeanAndDeviation()
    {
        EvaluationSummary summary = Assert.Single(EvaluationSummary.Of([Row("quest", 8000, 1, 90, 2), Row("quest", 8000, 2, 96, 4), Row("quest", 8000, 2, 100, 6)]));

        Assert.Equal((95.0, 4.0), (summary.Score!.Value, summary.DecodeMilliseconds!.Value));
        Assert.Equal(Math.Sqrt(50), summary.ScoreDeviation!.Value, 9);
        Assert.Equal([1L, 2L], summary.Seeds);
        Assert.Null(Assert.Single(EvaluationSummary.Of([Row("quest", 8000, 1, 90, 2)])).ScoreDeviation);
    }

    private static IReadOnlyList<EvaluationRow> Results() =>
    [
        Row("dense", 512, 1, 100, 0.5), Row("dense", 512, 2, 96, 0.7), Row("dense", 128_000, 1, 4, 12.5),
        Row("quest", 512, 1, 98, 0.5, "auto"), Row("quest", 128_000, 1, 96, 1.25, "auto"), Row("blocks:window=256", 128_000, 1, 90, 0.25, "auto"), Row("blocks:prefill=minference", 128_000, 1, 80, 0.25),
        Losses("camelot:slots=0", 2.5), Losses("camelot", 2.25), Observed(Row("quest", 8000, 1, 20, 99, "auto")),
    ];

    private static EvaluationRow Row(string policy, int length, long seed, double score, double decode, string? ingest = null) => new()
    {
        Key = new EvaluationKey { Task = "niah_single_1", Policy = policy, Ingest = ingest, Length = length, Seed = seed, Samples = 50, Model = "tiny 0123456789ab" },
        Command = $"actors eval niah_single_1 --policy {policy}", Threads = 2, Machine = "x64, 2 cores, 512-bit vectors", Version = "0.1.0+0123456789", Tokens = length - 130, Questions = 50, Right = (int)(score / 2), Score = score,
        KeysRead = 500, TouchedPercent = 50_000.0 / length, PrefillTokensPerSecond = 12_345, DecodeMilliseconds = decode, SwitchMilliseconds = ingest is null ? null : 3.25,
        ResidentBytes = 5 << 20, IndexBytes = 300 << 10, StoredBytes = 1 << 20,
    };

    private static EvaluationRow Observed(EvaluationRow row) =>
        row with { Key = row.Key with { Variant = "receipts; fidelity 0.1" }, ReceiptFirst = new EvaluationShare(9, 10), Recall = 0.9625, OutputError = 0.0425 };

    private static EvaluationRow Losses(string policy, double loss) => new()
    {
        Key = new EvaluationKey { Task = "perplexity", Policy = policy, Length = 500, Seed = 1, Samples = 2, Model = "tiny 0123456789ab", Text = "prose.txt ba9876543210", Variant = "chunks of 32" },
        Command = "actors eval perplexity", Threads = 2, Machine = "x64, 2 cores, 512-bit vectors", Version = "0.1.0+0123456789", Tokens = 500, Perplexity = Math.Exp(loss), PrefillTokensPerSecond = 1000, ResidentBytes = 1 << 20, StoredBytes = 0,
        Losses = [new LossBucket(0, 128, 127, loss + 0.5), new LossBucket(128, 256, 128, loss), new LossBucket(256, 500, 244, loss - 0.25)],
    };
}
