namespace Actors.Server.Evaluation;

/// <summary>
/// A text of coded words whose frequencies follow a zeta distribution, the most frequent one blotted out; the next three are asked for (frequent words
/// extraction of RULER, arXiv:2404.06654, in words of our own). The score is the share of the three that the answer holds.
/// </summary>
internal sealed class FrequentWordsTask : IEvaluationTask
{
    private const int Asked = 3, TokensPerWord = 50, LeastWords = 8, LeastCount = 50, MostCount = 5_000_000, LeastNewTokens = 50, SpareTokens = 8;

    private const double Zeta2 = Math.PI * Math.PI / 6;

    private const string Head = "The following text is coded. Watch how often each coded word stands in it; dots are not a word.\n";

    private const string Question = "Which three words stand in the coded text most often? Leave out the dots.";

    private const string Prefix = "The three words that stand in the coded text most often are:";

    public string Name => "fwe";

    public bool IsMessage => true;

    public EvaluationSample Create(SampleSeed seed, int tokens, Func<string, int> countTokens)
    {
        SeededRandom random = seed.Own();
        HashSet<string> drawn = [];
        int vocabulary = Math.Max(LeastWords, tokens / TokensPerWord);
        while (drawn.Count < vocabulary) drawn.Add(random.NextLetters(6, 'a'));
        string[] words = [.. drawn];
        string Build(int more)
        {
            List<string> text = [];
            for (int rank = 1; rank <= vocabulary; rank++)
            {
                int times = (int)Math.Round((LeastCount + more) / (Zeta2 * rank * rank));
                text.AddRange(Enumerable.Repeat(rank == 1 ? "..." : words[rank - 1], times));
            }
            seed.Own().Fork(1).Shuffle(text);
            return $"{Head}{string.Join(' ', text)}\n";
        }

        string[] expected = words[1..(Asked + 1)];
        int newTokens = Math.Max(LeastNewTokens, countTokens(string.Join(", ", expected)) + SpareTokens);
        int room = tokens - newTokens - countTokens($"{Question}\n{Prefix}");
        string context = Build(LengthFit.Largest(room, MostCount, more => countTokens(Build(more)), Name));
        return new EvaluationSample(context,
            [new EvaluationQuestion(Question, Prefix, expected, AnswerMatch.ContainsIgnoringCase, newTokens, "words") { Depth = 0.5 }]);
    }
}
