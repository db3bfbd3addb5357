namespace Actors.Server.Evaluation;

/// <summary>
/// Magic numbers hidden among lines of noise or prose, one of them asked for (RULER's niah tasks, arXiv:2404.06654). With one key it is single needle
/// in a haystack, with more the others distract. Right when the answer holds the number.
/// </summary>
/// <param name="haystack">Where needles are hidden.</param>
/// <param name="keys">Needles, 1 or more.</param>
internal sealed class NeedleTask(Haystack haystack, int keys) : IEvaluationTask
{
    private const string Instruction =
        "A special magic number is hidden within the following text. Make sure to memorize it. I will quiz you about the number afterwards.";

    private static readonly string[] Adjectives =
        ["quiet", "amber", "brisk", "clever", "dusty", "eager", "faint", "gentle", "hollow", "icy", "jolly", "keen", "lively", "misty", "noble", "odd", "proud", "rapid", "silent", "tidy"];

    private static readonly string[] Nouns =
        ["anchor", "basket", "candle", "desert", "engine", "forest", "garden", "harbor", "island", "jacket", "kettle", "ladder", "meadow", "needle", "orchard", "pocket", "ribbon", "saddle", "temple", "valley"];

    public string Name => "niah";

    public EvaluationSample Create(SeededRandom random, int tokens, Func<string, int> countTokens)
    {
        if (keys > Adjectives.Length * Nouns.Length) throw new EvaluationException($"--keys is {keys}, but there are only {Adjectives.Length * Nouns.Length} different keys.");
        Dictionary<string, string> needles = [];
        while (needles.Count < keys)
            needles.TryAdd($"{random.Choose(Adjectives)}-{random.Choose(Nouns)}", random.Next(1_000_000, 10_000_000).ToString());

        (string asked, string value) = needles.First();
        string question = $"What is the special magic number for {asked} mentioned in the provided text?";
        string prefix = $"The special magic number for {asked} mentioned in the provided text is";
        int fixedTokens = countTokens(string.Join('\n', [Instruction, question, prefix, .. needles.Select(Tell)])) + needles.Count;
        if (tokens <= fixedTokens) throw new EvaluationException($"--length is {tokens}, but the prompt without any filler has {fixedTokens} tokens. Use a greater length or fewer --keys.");

        List<string> lines = [.. haystack.Take(random, tokens - fixedTokens, countTokens)];
        int inserted = 0, place = 0;
        foreach (var needle in needles.Reverse())
        {
            place = random.Next(lines.Count + 1);
            lines.Insert(place, Tell(needle));
            inserted++;
        }
        string context = $"{Instruction}\n{string.Join('\n', lines)}\n{question}";
        return new EvaluationSample(context, IsMessage: true,
        [
            new EvaluationQuestion("", prefix, value, AnswerMatch.ContainsIgnoringCase, 16, "number")
            {
                Depth = place / (double)Math.Max(1, lines.Count - inserted), Told = Tell(new(asked, value)),
            },
        ]);
    }

    private static string Tell(KeyValuePair<string, string> needle) => $"One of the special magic numbers for {needle.Key} is: {needle.Value}.";
}
