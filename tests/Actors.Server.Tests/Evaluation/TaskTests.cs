using System.Text.Json;
using System.Text.RegularExpressions;
using Actors.Server.Evaluation;

namespace Actors.Server.Tests.Evaluation;

public sealed partial class TaskTests
{
    private static readonly Haystack Prose = Haystack.FromText(string.Concat(Enumerable.Range(0, 4000).Select(
        i => $"Line {i} of the manual says {(i * 7919) % 1000}. It reads {i % 13} more and goes on.\n")));

    /// <summary>Tasks that ask within one message.</summary>
    public static TheoryData<string> Published => [.. EvaluationTasks.Names.Except(["facts", EvaluationTasks.Perplexity])];

    public static TheoryData<string> Tasks => [.. EvaluationTasks.Names.Except([EvaluationTasks.Perplexity])];

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Create_EqualSeeds_GivesEqualSamples(string name)
    {
        string first = JsonSerializer.Serialize(Create(name).Create(new SampleSeed(5, 1), 3000, CountTokens));

        Assert.Equal(first, JsonSerializer.Serialize(Create(name).Create(new SampleSeed(5, 1), 3000, CountTokens)));
        Assert.NotEqual(first, JsonSerializer.Serialize(Create(name).Create(new SampleSeed(5, 2), 3000, CountTokens)));
        Assert.NotEqual(first, JsonSerializer.Serialize(Create(name).Create(new SampleSeed(6, 1), 3000, CountTokens)));
    }

    [Theory]
    [MemberData(nameof(Published))]
    public void Create_Length_IsNeverExceededAndNearlyFilled(string name)
    {
        foreach (int length in new[] { 1500, 5000, 20_000, 60_000 })
        {
            for (int sample = 0; sample < 3; sample++)
            {
                EvaluationSample made = Create(name).Create(new SampleSeed(8, sample), length, CountTokens);
                EvaluationQuestion question = Assert.Single(made.Questions);
                int used = CountTokens(made.Context) + CountTokens($"{question.Text}\n{question.AnswerPrefix}") + question.MaxNewTokens;
                Assert.InRange(used, length * (length >= 5000 ? 0.9 : 0.6), length + 2);
            }
        }
    }

    [Fact]
    public void Create_Facts_DocumentIsAsLongAsAsked()
    {
        foreach (int length in new[] { 600, 20_000 })
        {
            EvaluationSample made = Create("facts").Create(new SampleSeed(8, 0), length, CountTokens);
            Assert.InRange(CountTokens(made.Context), length * 0.8, length * 1.02);
        }
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Create_EveryAnswer_StandsInTheContextWhereItWasPlanted(string name)
    {
        for (int i = 0; i < 10; i++)
        {
            EvaluationSample sample = Create(name).Create(new SampleSeed(3, i), 6000, CountTokens);
            foreach (EvaluationQuestion question in sample.Questions)
            {
                Assert.NotEmpty(question.Expected);
                Assert.Equal(question.Expected.Count, question.Expected.Distinct().Count());
                Assert.All(question.Expected, expected => Assert.Contains(expected, sample.Context));
                Assert.Equal(question.Told, string.Join('\n', question.Planted.Select(range => sample.Context[range.Start..range.End])));
                if (question.Planted.Count == 0) continue;
                Assert.All(question.Expected, expected => Assert.Contains(expected, question.Told));
                Assert.InRange(question.Planted.Average(range => range.Start) / sample.Context.Length, question.Depth - 0.15, question.Depth + 0.15);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Create_Question_DoesNotGiveTheAnswerAway(string name)
    {
        for (int i = 0; i < 10; i++)
        {
            foreach (EvaluationQuestion question in Create(name).Create(new SampleSeed(4, i), 3000, CountTokens).Questions)
            {
                Assert.Equal(0, question.Score(""));
                Assert.Equal(0, question.Score($"{question.Text} {question.AnswerPrefix}"));
                Assert.Equal(1, question.Score($" {string.Join(", ", question.Expected)}."));
            }
        }
    }

    [Theory]
    [InlineData("niah_single_1", 1, 1)]
    [InlineData("niah_single_3", 1, 1)]
    [InlineData("niah_multikey_1", 4, 1)]
    [InlineData("niah_multivalue", 4, 4)]
    [InlineData("niah_multiquery", 4, 4)]
    [InlineData("niah_multikey_2", 50, 1)]
    [InlineData("niah_multikey_3", 50, 1)]
    public void Create_Needles_AreAsManyAsTheTaskSaysAndDiffer(string name, int least, int expected)
    {
        EvaluationSample sample = Create(name).Create(new SampleSeed(1, 0), 8000, CountTokens);

        (string Key, string Value)[] needles = [.. Needle().Matches(sample.Context).Select(match => (match.Groups[2].Value, match.Groups[3].Value))];

        if (least < 50) Assert.Equal(least, needles.Length);
        else Assert.InRange(needles.Length, least, 1000);
        Assert.Equal(needles.Length, needles.Select(needle => needle.Value).Distinct().Count());
        Assert.Equal(name == "niah_multivalue" ? 1 : needles.Length, needles.Select(needle => needle.Key).Distinct().Count());
        EvaluationQuestion question = Assert.Single(sample.Questions);
        Assert.Equal(expected, question.Expected.Count);
        Assert.Equal(needles.Where(needle => question.Text.Contains(needle.Key)).Select(needle => needle.Value).Order(), question.Expected.Order());
    }

    [Fact]
    public void Create_Needles_FollowThePublishedWording()
    {
        EvaluationSample one = Create("niah_single_1").Create(new SampleSeed(1, 0), 2000, CountTokens), many = Create("niah_multiquery").Create(new SampleSeed(1, 0), 2000, CountTokens);

        Assert.StartsWith(
            "A special magic number is hidden within the following text. Make sure to memorize it. I will quiz you about the number afterwards.\nThe grass is green.", one.Context);
        Assert.Matches("^What is the special magic number for [a-z]+-[a-z]+ mentioned in the provided text[?]$", one.Questions[0].Text);
        Assert.Matches("^The special magic number for [a-z]+-[a-z]+ mentioned in the provided text is$", one.Questions[0].AnswerPrefix);
        Assert.StartsWith("Some special magic numbers are hidden within the following text. Make sure to memorize it. I will quiz you about the numbers afterwards.\n", many.Context);
        Assert.Matches("^What are all the special magic numbers for ([a-z]+-[a-z]+, ){3}and [a-z]+-[a-z]+ mentioned in the provided text[?]$", many.Questions[0].Text);
        Assert.EndsWith("mentioned in the provided text are", many.Questions[0].AnswerPrefix);
    }

    [Fact]
    public void Create_EssayNeedles_StandAtEvenDepthsOfOneTextPerSeed()
    {
        string[] lines = [.. Enumerable.Range(0, 5).Select(sample => Create("niah_single_2").Create(new SampleSeed(2, sample), 8000, CountTokens).Context.Split('\n')[1])];

        Assert.InRange(lines.Distinct().Count(), 1, 2); // one of them may begin with its needle
        Assert.DoesNotContain(lines[0], Create("niah_single_2").Create(new SampleSeed(3, 0), 2000, CountTokens).Context.Split('\n')[1]);
    }

    [Fact]
    public void Create_PasskeyWithDepths_TakesThemInTurn()
    {
        var task = new PasskeyTask([0, 0.5, 1]);

        double[] depths = [.. Enumerable.Range(0, 6).Select(sample => Assert.Single(task.Create(new SampleSeed(1, sample), 9000, CountTokens).Questions).Depth)];

        foreach ((int i, double depth) in new double[] { 0, 0.5, 1, 0, 0.5, 1 }.Index()) Assert.InRange(depths[i], depth - 0.02, depth + 0.02);
    }

    [Fact]
    public void Create_Variables_FormOneChainInOrder()
    {
        EvaluationSample sample = Create("vt").Create(new SampleSeed(1, 2), 3000, CountTokens);
        EvaluationQuestion question = Assert.Single(sample.Questions);

        string[] told = question.Told.Split('\n');
        Assert.Equal(5, told.Length);
        Assert.Matches($"^VAR {question.Expected[0]} = [0-9]{{5}}$", told[0]);
        for (int i = 1; i < told.Length; i++) Assert.Equal($"VAR {question.Expected[i]} = VAR {question.Expected[i - 1]}", told[i]);
        Assert.Equal(question.Planted.OrderBy(range => range.Start), question.Planted);
        Assert.Contains("5 variables", question.AnswerPrefix);
    }

    [Theory]
    [InlineData(3000, 6, 1)]
    [InlineData(9000, 30, 3)]
    public void Create_CommonWords_StandMoreOftenThanAllOthers(int length, int often, int seldom)
    {
        EvaluationSample sample = Create("cwe").Create(new SampleSeed(1, 0), length, CountTokens);
        string list = sample.Context.TrimEnd().Split('\n')[^1];

        var counts = ListEntry().Matches(list).CountBy(match => match.Groups[1].Value).ToDictionary();

        Assert.Equal(sample.Questions[0].Expected.Order(), counts.Where(count => count.Value == often).Select(count => count.Key).Order());
        Assert.All(counts.Where(count => count.Value != often), count => Assert.Equal(seldom, count.Value));
    }

    [Fact]
    public void Create_FrequentWords_AreTheThreeAfterTheDots()
    {
        EvaluationSample sample = Create("fwe").Create(new SampleSeed(1, 0), 6000, CountTokens);

        string[] ranked = [.. sample.Context.TrimEnd().Split('\n')[^1].Split(' ').CountBy(word => word).OrderByDescending(count => count.Value).Select(count => count.Key)];

        Assert.Equal("...", ranked[0]);
        Assert.Equal(sample.Questions[0].Expected, ranked[1..4]);
    }

    [Fact]
    public void Create_Moves_LastOneOfThePersonCounts()
    {
        for (int i = 0; i < 20; i++)
        {
            EvaluationSample sample = Create("babilong_qa1").Create(new SampleSeed(1, i), 2000, CountTokens);
            EvaluationQuestion question = Assert.Single(sample.Questions);
            string who = question.Text["Where is ".Length..^1];
            string last = sample.Context.Split('\n').Last(line => line.StartsWith(who, StringComparison.Ordinal));
            Assert.EndsWith($" to the {question.Expected[0]}.", last);
            Assert.Equal(question.Told, last);
        }
    }

    [Fact]
    public void Create_FactsAtTwoLengths_AreTheSame()
    {
        EvaluationSample near = Create("facts").Create(new SampleSeed(9, 0), 400, CountTokens);
        EvaluationSample far = Create("facts").Create(new SampleSeed(9, 0), 20_000, CountTokens);

        Assert.Equal(near.Questions.Select(question => (question.Text, question.Told, question.Depth)), far.Questions.Select(question => (question.Text, question.Told, question.Depth)));
        Assert.True(far.Questions.Select(question => question.Kind).Distinct().Count() >= 8);
        Assert.Equal(10, far.Questions.Select(question => question.Text).Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Create_TooShort_SaysWhatIsNeeded(string name)
    {
        EvaluationException error = Assert.Throws<EvaluationException>(() => Create(name).Create(new SampleSeed(1, 0), 16, CountTokens));

        Assert.Contains("--length is", error.Message);
    }

    [Theory]
    [InlineData("facts")]
    [InlineData("niah_single_2")]
    [InlineData("babilong_qa1")]
    public void Create_ProseTooShort_SaysHowLongItIs(string name)
    {
        var options = new EvaluationTaskOptions { Prose = Haystack.FromText("Nothing is here.\nNothing at all.\n"), Facts = 2 };

        EvaluationException error = Assert.Throws<EvaluationException>(() => EvaluationTasks.Create(name, options).Create(new SampleSeed(1, 0), 5000, CountTokens));

        Assert.Contains("longer text", error.Message);
    }

    [Fact]
    public void Create_EssayTaskWithoutProse_SaysToGiveSome()
    {
        EvaluationException error = Assert.Throws<EvaluationException>(
            () => EvaluationTasks.Create("niah_single_2", new EvaluationTaskOptions()).Create(new SampleSeed(1, 0), 5000, CountTokens));

        Assert.Contains("--text", error.Message);
    }

    [Fact]
    public void Expand_Ruler_StandsForItsElevenTasks()
    {
        Assert.Equal(11, EvaluationTasks.Expand("ruler").Count);
        Assert.Equal(["vt", "passkey"], EvaluationTasks.Expand("vt,passkey,vt"));
        Assert.Contains("riddles", Assert.Throws<EvaluationException>(() => EvaluationTasks.Expand("vt,riddles")).Message);
    }

    [Fact]
    public void Score_FirstInteger_LooksAtTheFirstNumberOnly()
    {
        var question = new EvaluationQuestion("", "", ["4821"], AnswerMatch.FirstInteger, 8, "number");

        Assert.Equal((1, 0, 0, 0), (question.Score(" 4821. Or 17."), question.Score(" 17, not 4821."), question.Score(" 48213."), question.Score("none")));
    }

    [Fact]
    public void Score_SeveralExpected_IsTheShareThatIsThereInAnyCase()
    {
        var question = new EvaluationQuestion("", "", ["QRTZU", "abcde", "12", "uvwxy"], AnswerMatch.ContainsIgnoringCase, 8, "words");

        Assert.Equal(0.75, question.Score("qrtzu, ABCDE and 123"));
        Assert.Equal(0, question.Score(""));
    }

    private static IEvaluationTask Create(string name) => EvaluationTasks.Create(name, new EvaluationTaskOptions { Prose = Prose });

    /// <summary>About as long as real tokens.</summary>
    private static int CountTokens(string text) => (text.Length + 3) / 4;

    [GeneratedRegex("One of the special magic (numbers|uuids) for ([a-z0-9-]+) is: ([a-z0-9-]+)[.]")]
    private static partial Regex Needle();

    [GeneratedRegex("[0-9]+[.] ([a-z]+)")]
    private static partial Regex ListEntry();
}
