namespace Actors.Server.Evaluation;

/// <summary>
/// Facts of the bundled model's own kinds, planted at even depths in prose and all asked for. The context is a document that is remembered first, as with
/// <c>actors ingest</c>. The facts depend on the seed alone, so that the same ones can be compared at several lengths. Right when the answer holds the value.
/// </summary>
/// <param name="haystack">Where facts are planted.</param>
/// <param name="count">Facts, 1 or more.</param>
internal sealed class FactsTask(Haystack haystack, int count) : IEvaluationTask
{
    private const int MaxNewTokens = 32;

    public string Name => "facts";

    public bool IsMessage => false;

    public EvaluationSample Create(SampleSeed seed, int tokens, Func<string, int> countTokens)
    {
        SeededRandom random = seed.Own();
        IReadOnlyList<Fact> facts = new FactGenerator(random.Fork(0)).CreateFacts(count);
        int fixedTokens = facts.Sum(fact => countTokens(fact.Told) + 1);
        if (tokens < fixedTokens) throw new EvaluationException($"--length is {tokens}, but {count} facts alone have {fixedTokens} tokens. Use a greater length or fewer --keys.");

        IReadOnlyList<string> lines = tokens == fixedTokens ? [] : haystack.Take(random.Fork(1), tokens - fixedTokens, countTokens);
        List<string> context = [];
        EvaluationQuestion[] questions = new EvaluationQuestion[count];
        for (int i = 0; i < count; i++)
        {
            double depth = (i + 0.5) / count;
            int from = PlaceOf(i - 1, lines.Count), place = PlaceOf(i, lines.Count);
            context.AddRange(lines.Skip(from).Take(place - from));
            int start = context.Sum(line => line.Length + 1);
            context.Add(facts[i].Told);
            questions[i] = new EvaluationQuestion(facts[i].Question, "", [facts[i].Value], AnswerMatch.Contains, MaxNewTokens, facts[i].Kind)
            {
                Depth = depth, Told = facts[i].Told, Planted = [new TextRange(start, start + facts[i].Told.Length)],
            };
        }
        context.AddRange(lines.Skip(PlaceOf(count - 1, lines.Count)));
        return new EvaluationSample(string.Join('\n', context) + "\n", questions);
    }

    /// <summary>Lines before fact <paramref name="i"/>.</summary>
    private int PlaceOf(int i, int lines) => i < 0 ? 0 : (int)((i + 0.5) / count * lines);
}
