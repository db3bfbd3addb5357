namespace Actors.Server.Evaluation;

/// <summary>
/// Sentences about who went where, in order, scattered through filler; where one of them is now is asked for. Like the first task of BABILong
/// (arXiv:2406.10149): what is true is the last of several sentences that look alike. Right when the answer holds the place.
/// </summary>
/// <param name="haystack">Where sentences are hidden.</param>
internal sealed class MovesTask(Haystack haystack) : IEvaluationTask
{
    private const int MaxNewTokens = 20, LeastMoves = 2, MostMoves = 10;

    private static readonly string[] Names = ["Mary", "John", "Daniel", "Sandra"];
    private static readonly string[] Places = ["bathroom", "bedroom", "garden", "hallway", "kitchen", "office"];
    private static readonly string[] Verbs = ["moved", "went", "travelled"];

    public string Name => "babilong_qa1";

    public bool IsMessage => true;

    public EvaluationSample Create(SampleSeed seed, int tokens, Func<string, int> countTokens)
    {
        SeededRandom random = seed.Own();
        (string Name, string Place)[] moves = [.. Enumerable.Range(0, random.Next(LeastMoves, MostMoves + 1)).Select(_ => (random.Choose(Names), random.Choose(Places)))];
        string[] lines = [.. moves.Select(move => $"{move.Name} {random.Choose(Verbs)} to the {move.Place}.")];
        double[] places = [.. moves.Select(_ => random.NextUnit()).Order()];
        string asked = random.Choose(moves).Name, question = $"Where is {asked}?";
        int last = Array.FindLastIndex(moves, move => move.Name == asked);

        int room = tokens - MaxNewTokens - countTokens(question);
        (double, string)[] sentences = [.. lines.Select((line, i) => (places[i], line))];
        PlantedText text = PlantedText.Fit(Name, "", haystack, haystack.DrawFirst(seed.Shared()), sentences, room, countTokens);
        return new EvaluationSample(text.Text,
        [
            new EvaluationQuestion(question, "", [moves[last].Place], AnswerMatch.ContainsIgnoringCase, MaxNewTokens, "place")
            {
                Depth = text.DepthOf(last), Told = lines[last], Planted = [text.Planted[last]],
            },
        ]);
    }
}
