using System.Globalization;

namespace Actors.Server.Evaluation;

/// <summary>
/// A chain of variables that are assigned to each other, scattered in order through repeated sentences; all that hold the first one's value are asked for
/// (variable tracking of RULER, arXiv:2404.06654, in words of our own). The score is the share of the names that the answer holds.
/// </summary>
internal sealed class VariablesTask : IEvaluationTask
{
    private const int Hops = 4, LeastNewTokens = 30, SpareTokens = 8;

    private const string Head = "Lines that assign variables are hidden in the following text. Follow the assignments from one variable to the next.\n";

    public string Name => "vt";

    public bool IsMessage => true;

    public EvaluationSample Create(SampleSeed seed, int tokens, Func<string, int> countTokens)
    {
        SeededRandom random = seed.Own();
        HashSet<string> used = [];
        Chain example = Draw(random, used), chain = Draw(random, used);
        double[] places = [.. Enumerable.Range(0, Hops + 1).Select(_ => random.NextUnit()).Order()];

        string head = $"{Head}{string.Join('\n', example.Lines)}\n{Ask(example)}\n{Begin(example)} {string.Join(", ", example.Names)}.\n\n{Head}";
        int newTokens = Math.Max(LeastNewTokens, countTokens(string.Join(", ", chain.Names)) + SpareTokens);
        (double, string)[] sentences = [.. chain.Lines.Select((line, i) => (places[i], line))];
        int room = tokens - newTokens - countTokens($"{Ask(chain)}\n{Begin(chain)}");
        PlantedText text = PlantedText.Fit(Name, head, Haystack.Noise, 0, sentences, room, countTokens);
        return new EvaluationSample(text.Text,
        [
            new EvaluationQuestion(Ask(chain), Begin(chain), chain.Names, AnswerMatch.ContainsIgnoringCase, newTokens, "chain")
            {
                Depth = Enumerable.Range(0, Hops + 1).Average(text.DepthOf), Told = string.Join('\n', chain.Lines), Planted = text.Planted,
            },
        ]);
    }

    private static string Ask(Chain chain) => $"Which variables have the value {chain.Value} in the text above?";

    private static string Begin(Chain chain) => $"In the text above, {chain.Names.Length} variables have the value {chain.Value}:";

    private static Chain Draw(SeededRandom random, HashSet<string> used)
    {
        string value = Unused(() => random.Next(10_000, 100_000).ToString(CultureInfo.InvariantCulture), used);
        string[] names = [.. Enumerable.Range(0, Hops + 1).Select(_ => Unused(() => random.NextLetters(5, 'A'), used))];
        return new Chain(value, names);
    }

    private static string Unused(Func<string> draw, HashSet<string> used)
    {
        string text = draw();
        while (!used.Add(text)) text = draw();
        return text;
    }

    private sealed record Chain(string Value, string[] Names)
    {
        public IReadOnlyList<string> Lines => [.. Names.Select((name, i) => $"VAR {name} = {(i == 0 ? Value : $"VAR {Names[i - 1]}")}")];
    }
}
