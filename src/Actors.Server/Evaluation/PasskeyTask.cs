namespace Actors.Server.Evaluation;

/// <summary>A number hidden in repeated sentences (Landmark Attention, arXiv:2305.16300). Right when the first number of the answer is the key.</summary>
internal sealed class PasskeyTask : IEvaluationTask
{
    private const string Description =
        "There is an important info hidden inside a lot of irrelevant text. Find it and memorize them. I will quiz you about the important information there.";

    private const string Question = "What is the pass key?", Prefix = "The pass key is";

    public string Name => "passkey";

    public EvaluationSample Create(SeededRandom random, int tokens, Func<string, int> countTokens)
    {
        string key = random.Next(1, 50_001).ToString();
        string told = $"The pass key is {key}. Remember it. {key} is the pass key.";
        int fixedTokens = countTokens(string.Join('\n', Description, "", told, "", Question, Prefix));
        int unitTokens = countTokens(Haystack.NoiseUnit + " ");
        if (tokens < fixedTokens)
            throw new EvaluationException($"--length is {tokens}, but a passkey prompt without any filler has {fixedTokens} tokens. Use a greater length.");

        int characters = (int)((long)(tokens - fixedTokens) * (Haystack.NoiseUnit.Length + 1) / unitTokens);
        string garbage = string.Join(' ', Enumerable.Repeat(Haystack.NoiseUnit, (characters / Haystack.NoiseUnit.Length) + 1))[..characters];
        int before = random.Next(characters + 1);
        string context = string.Join('\n', Description, garbage[..before], told, garbage[before..], Question);
        return new EvaluationSample(context, IsMessage: true,
        [
            new EvaluationQuestion("", Prefix, key, AnswerMatch.FirstInteger, 16, "number") { Depth = before / (double)Math.Max(1, characters), Told = told },
        ]);
    }
}
