using System.Text;

namespace Actors.Server.Evaluation;

/// <summary>
/// One value out of a JSON object of random UUIDs (Lost in the Middle, arXiv:2307.03172). The keys are random, so all blocks look alike: the hardest
/// test for selection by summaries. Right when the answer holds the value.
/// </summary>
internal sealed class KvTask : IEvaluationTask
{
    private const string Instruction = "Extract the value corresponding to the specified key in the JSON object below.\n\nJSON data:\n";

    private const int MostPairs = 1_000_000, TokensAfterTheValue = 8;

    public string Name => "kv";

    public bool IsMessage => true;

    public EvaluationSample Create(SampleSeed seed, int tokens, Func<string, int> countTokens)
    {
        SeededRandom random = seed.Own();
        double place = random.NextUnit();
        List<(string Key, string Value)> pairs = [];
        (string Text, int Asked, int Start) Build(int more)
        {
            int count = more + 1, asked = (int)(place * count), start = 0;
            while (pairs.Count < count) pairs.Add((random.NextUuid(), random.NextUuid()));
            var text = new StringBuilder(Instruction).Append('{');
            for (int i = 0; i < count; i++)
            {
                if (i > 0) text.Append(",\n ");
                if (i == asked) start = text.Length;
                text.Append(Line(pairs[i]));
            }
            return (text.Append("}\n\n").ToString(), asked, start);
        }

        int newTokens = countTokens(new SeededRandom(0).NextUuid()) * 3 / 2 + TokensAfterTheValue;
        int room = tokens - newTokens - countTokens(Ask(new SeededRandom(0).NextUuid()));
        (string context, int asked, int start) = Build(LengthFit.Largest(room, MostPairs, more => countTokens(Build(more).Text), Name));
        return new EvaluationSample(context,
        [
            new EvaluationQuestion(Ask(pairs[asked].Key), "", [pairs[asked].Value], AnswerMatch.Contains, newTokens, "uuid")
            {
                Depth = start / (double)context.Length, Told = Line(pairs[asked]), Planted = [new TextRange(start, start + Line(pairs[asked]).Length)],
            },
        ]);
    }

    private static string Line((string Key, string Value) pair) => $"\"{pair.Key}\": \"{pair.Value}\"";

    private static string Ask(string key) => $"Key: \"{key}\"\nCorresponding value:";
}
