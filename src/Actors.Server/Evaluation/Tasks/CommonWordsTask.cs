using System.Text;

namespace Actors.Server.Evaluation;

/// <summary>
/// A numbered, shuffled list of words of which ten stand there more often than all others; those are asked for (common words extraction of RULER,
/// arXiv:2404.06654, in words of our own). An answer has to read the whole list. The score is the share of the ten that the answer holds.
/// </summary>
internal sealed class CommonWordsTask : IEvaluationTask
{
    private const int Asked = 10, MostOthers = 40_000, ShortTokens = 4096, LeastNewTokens = 120, SpareTokens = 8;

    private const string Head = "Here is a numbered list of words. Some of them stand in it more often than the others. Remember those.\n";

    private const string Question = "Which 10 words stand in the list most often?", Prefix = "The 10 words that stand in the list most often are:";

    public string Name => "cwe";

    public bool IsMessage => true;

    public EvaluationSample Create(SampleSeed seed, int tokens, Func<string, int> countTokens)
    {
        SeededRandom random = seed.Own();
        HashSet<string> used = [];
        (int often, int seldom) = tokens < ShortTokens ? (6, 1) : (30, 3);
        string[] example = Words(random, used, Asked), common = Words(random, used, Asked);
        string exampleText = $"{Head}{List(random.Fork(1), example, 2, Words(random, used, Asked), 1)}{Question}\n{Prefix} {Numbered(example)}\n\n{Head}";
        List<string> others = [];
        string Build(int count)
        {
            if (others.Count < count) others.AddRange(Words(random, used, count - others.Count));
            return exampleText + List(seed.Own().Fork(2), common, often, others[..count], seldom);
        }

        int newTokens = Math.Max(LeastNewTokens, countTokens(Numbered(common)) + SpareTokens);
        int room = tokens - newTokens - countTokens($"{Question}\n{Prefix}");
        int count = LengthFit.Largest(room, MostOthers, parts => countTokens(Build(parts)), Name);
        if (count == MostOthers) throw new EvaluationException($"{Name} has only {MostOthers} different words, too few for --length {tokens}. Use a shorter one.");
        return new EvaluationSample(Build(count),
            [new EvaluationQuestion(Question, Prefix, common, AnswerMatch.ContainsIgnoringCase, newTokens, "words") { Depth = 0.5 }]);
    }

    private static string[] Words(SeededRandom random, HashSet<string> used, int count)
    {
        string[] words = new string[count];
        for (int i = 0; i < count; i++)
        {
            do words[i] = $"{random.Choose(FactWords.Syllables)}{random.Choose(FactWords.Syllables)}{random.Choose(FactWords.Syllables)}";
            while (!used.Add(words[i]));
        }
        return words;
    }

    private static string List(SeededRandom random, IEnumerable<string> common, int often, IEnumerable<string> others, int seldom)
    {
        string[] all = [.. common.SelectMany(word => Enumerable.Repeat(word, often)), .. others.SelectMany(word => Enumerable.Repeat(word, seldom))];
        random.Shuffle(all);
        return Numbered(all) + "\n";
    }

    private static string Numbered(IReadOnlyList<string> words)
    {
        var text = new StringBuilder();
        for (int i = 0; i < words.Count; i++) text.Append(i == 0 ? "" : " ").Append(i + 1).Append(". ").Append(words[i]);
        return text.ToString();
    }
}
