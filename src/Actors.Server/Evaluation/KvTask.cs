using System.Text;

namespace Actors.Server.Evaluation;

/// <summary>
/// One value out of a JSON object of random UUIDs (Lost in the Middle, arXiv:2307.03172). The keys are random, so all blocks look alike: the hardest
/// test for selection by summaries. Right when the answer holds the value.
/// </summary>
internal sealed class KvTask : IEvaluationTask
{
    private const string Instruction = "Extract the value corresponding to the specified key in the JSON object below.\n\nJSON data:\n";

    public string Name => "kv";

    public EvaluationSample Create(SeededRandom random, int tokens, Func<string, int> countTokens)
    {
        (string Key, string Value) sample = (random.NextUuid(), random.NextUuid());
        int fixedTokens = countTokens(Instruction + "{}" + Ask(sample.Key)) + countTokens(sample.Value);
        int pairTokens = countTokens(Line(sample) + "\n");
        int count = (tokens - fixedTokens) / pairTokens;
        if (count < 1) throw new EvaluationException($"--length is {tokens}, but one pair needs {fixedTokens + pairTokens} tokens. Use a greater length.");

        (string Key, string Value)[] pairs = [.. Enumerable.Range(0, count).Select(_ => (random.NextUuid(), random.NextUuid()))];
        int asked = random.Next(count);
        var context = new StringBuilder(Instruction).Append('{').AppendJoin(",\n ", pairs.Select(Line)).Append('}').Append(Ask(pairs[asked].Key));
        return new EvaluationSample(context.ToString(), IsMessage: true,
        [
            new EvaluationQuestion("", "", pairs[asked].Value, AnswerMatch.Contains, countTokens(pairs[asked].Value) + 8, "uuid")
            {
                Depth = asked / (double)count, Told = Line(pairs[asked]),
            },
        ]);
    }

    private static string Line((string Key, string Value) pair) => $"\"{pair.Key}\": \"{pair.Value}\"";

    private static string Ask(string key) => $"\n\nKey: \"{key}\"\nCorresponding value:";
}
