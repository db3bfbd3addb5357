namespace Actors.Server.Evaluation;

/// <summary>
/// Needles in a haystack after RULER (arXiv:2404.06654), with its wording: keys with values, told on lines of their own, some of them asked for at the end.
/// The score is the share of the expected values that the answer holds.
/// </summary>
/// <param name="shape">Which of the tasks.</param>
/// <param name="essay">Prose, for the tasks that hide needles in it.</param>
internal sealed class NeedleTask(NeedleShape shape, Haystack? essay) : IEvaluationTask
{
    private const int MaxNewTokens = 128, EssayDepths = 40;

    public string Name => shape.Name;

    public bool IsMessage => true;

    public EvaluationSample Create(SampleSeed seed, int tokens, Func<string, int> countTokens)
    {
        var draw = new NeedleDraw(shape, seed.Own());
        Needle[] needles = [.. Enumerable.Range(0, shape.Keys).SelectMany(_ => draw.Next(shape.Values))];
        string[] asked = [.. needles.Select(needle => needle.Key).Distinct().Take(shape.Queries)];
        int[] told = [.. Enumerable.Range(0, needles.Length).Where(i => asked.Contains(needles[i].Key))];
        double[] places = DrawPlaces(seed.Own().Fork(1), needles.Length);

        bool one = told.Length == 1;
        string type = one ? shape.Singular : shape.Plural, about = Join(asked);
        string head = $"{(one ? "A" : "Some")} special magic {type} {(one ? "is" : "are")} hidden within the following text. Make sure to memorize it. " +
            $"I will quiz you about the {type} afterwards.\n";
        string question = $"What {(one ? "is" : "are all")} the special magic {type} for {about} mentioned in the provided text?";
        string prefix = $"The special magic {type} for {about} mentioned in the provided text {(one ? "is" : "are")}";

        (double, string)[] sentences = [.. needles.Select((needle, i) => (places[i], Tell(needle)))];
        PlantedText text = Hide(seed, head, sentences, draw, tokens - MaxNewTokens - countTokens($"{question}\n{prefix}"), countTokens);
        return new EvaluationSample(text.Text,
        [
            new EvaluationQuestion(question, prefix, [.. told.Select(i => needles[i].Value)], AnswerMatch.ContainsIgnoringCase, MaxNewTokens, shape.Singular)
            {
                Depth = told.Average(text.DepthOf), Told = string.Join('\n', told.Select(i => Tell(needles[i]))), Planted = [.. told.Select(i => text.Planted[i])],
            },
        ]);
    }

    private PlantedText Hide(SampleSeed seed, string head, (double, string)[] sentences, NeedleDraw draw, int tokens, Func<string, int> countTokens)
    {
        switch (shape.Place)
        {
            case NeedlePlace.Noise:
                return PlantedText.Fit(Name, head, Haystack.Noise, 0, sentences, tokens, countTokens);
            case NeedlePlace.Essay:
                Haystack prose = essay ?? throw new EvaluationException($"{Name} hides its needles in prose. Name a file with prose in --text.");
                return PlantedText.Fit(Name, head, prose, prose.DrawFirst(seed.Shared()), sentences, tokens, countTokens);
            default:
                List<string> others = [];
                PlantedText Build(int count)
                {
                    while (others.Count < count) others.Add(Tell(draw.Next(1)[0]));
                    return PlantedText.Plant(head, others[..count], sentences);
                }
                int most = draw.MostKeys - shape.Keys, count = LengthFit.Largest(tokens, most, parts => countTokens(Build(parts).Text), Name);
                return count < most ? Build(count) : throw new EvaluationException($"{Name} has only {most} different needles, too few for --length {tokens}. Use a shorter one.");
        }
    }

    private double[] DrawPlaces(SeededRandom random, int count)
    {
        if (shape.Place != NeedlePlace.Essay) return [.. Enumerable.Range(0, count).Select(_ => random.NextUnit())];
        double[] depths = [.. Enumerable.Range(0, EssayDepths).Select(i => i / (EssayDepths - 1.0))];
        random.Shuffle(depths);
        return depths[..count];
    }

    private string Tell(Needle needle) => $"One of the special magic {shape.Plural} for {needle.Key} is: {needle.Value}.";

    private static string Join(string[] names) => names.Length == 1 ? names[0] : $"{string.Join(", ", names[..^1])}, and {names[^1]}";
}
