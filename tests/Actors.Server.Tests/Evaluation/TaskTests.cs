using Actors.Server.Evaluation;

namespace Actors.Server.Tests.Evaluation;

public sealed class TaskTests
{
    private const string Prose = "The command reads lines. It writes them again in another order. Nothing else happens.\nOptions come first.\n";

    public static TheoryData<string> Tasks => ["passkey", "kv", "niah", "niah-4", "facts"];

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Create_EqualSeeds_GivesEqualSamples(string name)
    {
        EvaluationSample first = Create(name).Create(new SeededRandom(5), 2000, CountTokens);
        EvaluationSample second = Create(name).Create(new SeededRandom(5), 2000, CountTokens);

        Assert.Equal(first.Context, second.Context);
        Assert.Equal(first.Questions, second.Questions);
        Assert.NotEqual(first.Context, Create(name).Create(new SeededRandom(6), 2000, CountTokens).Context);
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Create_Length_IsMet(string name)
    {
        foreach (int length in new[] { 600, 2000, 20_000 })
        {
            for (int seed = 0; seed < 10; seed++)
            {
                EvaluationSample sample = Create(name).Create(new SeededRandom(seed), length, CountTokens);
                Assert.InRange(CountTokens(sample.Context), length * 0.8, length * 1.02);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Create_EveryAnswer_StandsInTheContextAtItsDepth(string name)
    {
        for (int seed = 0; seed < 20; seed++)
        {
            EvaluationSample sample = Create(name).Create(new SeededRandom(seed), 5000, CountTokens);
            Assert.NotEmpty(sample.Questions);
            foreach (EvaluationQuestion question in sample.Questions)
            {
                Assert.Contains(question.Expected, question.Told);
                int at = sample.Context.IndexOf(question.Told, StringComparison.Ordinal);
                Assert.InRange(at, 0, sample.Context.Length);
                Assert.InRange(at / (double)sample.Context.Length, question.Depth - 0.15, question.Depth + 0.15);
                Assert.True(question.IsRight($" {question.Expected}."));
                Assert.False(question.IsRight(""));
            }
        }
    }

    [Fact]
    public void Create_FactsAtTwoLengths_AreTheSame()
    {
        EvaluationSample near = Create("facts").Create(new SeededRandom(9), 400, CountTokens);
        EvaluationSample far = Create("facts").Create(new SeededRandom(9), 20_000, CountTokens);

        Assert.Equal(near.Questions, far.Questions);
        Assert.Equal(10, far.Questions.Count);
        Assert.True(far.Questions.Select(question => question.Kind).Distinct().Count() >= 8);
        Assert.Equal(10, far.Questions.Select(question => question.Text).Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Create_TooShort_SaysWhatIsNeeded(string name)
    {
        EvaluationException error = Assert.Throws<EvaluationException>(() => Create(name).Create(new SeededRandom(1), 16, CountTokens));

        Assert.Contains("--length is 16", error.Message);
    }

    [Fact]
    public void Create_ProseTooShort_SaysHowLongItIs()
    {
        var task = new FactsTask(Haystack.FromText(Prose), 2);

        EvaluationException error = Assert.Throws<EvaluationException>(() => task.Create(new SeededRandom(1), 5000, CountTokens));

        Assert.Contains("longer text", error.Message);
    }

    [Fact]
    public void IsRight_FirstInteger_LooksAtTheFirstNumberOnly()
    {
        var question = new EvaluationQuestion("", "", "4821", AnswerMatch.FirstInteger, 8, "number");

        Assert.True(question.IsRight(" 4821. Or 17."));
        Assert.False(question.IsRight(" 17, not 4821."));
        Assert.False(question.IsRight(" 48213."));
        Assert.False(question.IsRight("none"));
    }

    private static IEvaluationTask Create(string name) => name switch
    {
        "passkey" => new PasskeyTask(),
        "kv" => new KvTask(),
        "niah" => new NeedleTask(Haystack.Noise, 1),
        "niah-4" => new NeedleTask(Haystack.Noise, 4),
        _ => new FactsTask(Haystack.Noise, 10),
    };

    /// <summary>About as long as real tokens.</summary>
    private static int CountTokens(string text) => (text.Length + 3) / 4;
}
