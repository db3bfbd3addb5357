using System.Globalization;

namespace Actors.Server.Evaluation;

/// <summary>A number hidden in repeated sentences (Landmark Attention, arXiv:2305.16300). Right when the first number of the answer is the key.</summary>
/// <param name="depths">Shares of the filler before the number, taken in turn by the samples; empty for a random one.</param>
internal sealed class PasskeyTask(IReadOnlyList<double> depths) : IEvaluationTask
{
    private const string Description =
        "There is an important info hidden inside a lot of irrelevant text. Find it and memorize them. I will quiz you about the important information there.";

    private const string Question = "What is the pass key?", Prefix = "The pass key is";

    private const int MaxNewTokens = 16, MostCharacters = 1_000_000_000;

    public string Name => "passkey";

    public bool IsMessage => true;

    public EvaluationSample Create(SampleSeed seed, int tokens, Func<string, int> countTokens)
    {
        SeededRandom random = seed.Own();
        string key = random.Next(1, 50_001).ToString(CultureInfo.InvariantCulture);
        string told = $"The pass key is {key}. Remember it. {key} is the pass key.";
        double place = random.NextUnit();
        if (depths.Count > 0) place = depths[seed.Sample % depths.Count];

        string garbage = Haystack.NoiseUnit;
        (string Text, int Start) Build(int characters)
        {
            while (garbage.Length < characters) garbage = $"{garbage} {garbage}";
            int before = (int)Math.Round(place * characters);
            string head = $"{Description}\n{garbage.AsSpan(0, before)}\n";
            return ($"{head}{told}\n{garbage.AsSpan(before, characters - before)}\n", head.Length);
        }

        int room = tokens - MaxNewTokens - countTokens($"{Question}\n{Prefix}");
        (string context, int start) = Build(LengthFit.Largest(room, MostCharacters, characters => countTokens(Build(characters).Text), Name));
        string kind = depths.Count == 0 ? "number" : string.Create(CultureInfo.InvariantCulture, $"number at {place:0.##}");
        return new EvaluationSample(context,
        [
            new EvaluationQuestion(Question, Prefix, [key], AnswerMatch.FirstInteger, MaxNewTokens, kind)
            {
                Depth = start / (double)context.Length, Told = told, Planted = [new TextRange(start, start + told.Length)],
            },
        ]);
    }
}
