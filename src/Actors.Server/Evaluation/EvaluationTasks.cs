namespace Actors.Server.Evaluation;

/// <summary>The tasks by name.</summary>
internal static class EvaluationTasks
{
    /// <summary>Name that stands for all tasks of RULER that need no data.</summary>
    public const string Ruler = "ruler";

    /// <summary>Name of what is measured without questions, see <see cref="PerplexityRunner"/>.</summary>
    public const string Perplexity = "perplexity";

    private static readonly string[] RulerNames = [.. NeedleShape.All.Select(shape => shape.Name), "vt", "cwe", "fwe"];

    /// <summary>Every name.</summary>
    public static IReadOnlyList<string> Names { get; } = ["passkey", "kv", .. RulerNames, "babilong_qa1", "facts", Perplexity];

    /// <summary>The names that a list means, in order, each once.</summary>
    /// <param name="list">Names with commas between them; <see cref="Ruler"/> for all of those.</param>
    /// <exception cref="EvaluationException">A name is unknown.</exception>
    public static IReadOnlyList<string> Expand(string list)
    {
        string[] names = [.. list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).SelectMany(name => name == Ruler ? RulerNames : [name]).Distinct()];
        string? unknown = names.FirstOrDefault(name => !Names.Contains(name));
        if (unknown is not null || names.Length == 0) throw new EvaluationException($"The task is '{unknown ?? list}'; known are {string.Join(", ", Names)}, and {Ruler} for those of RULER.");
        return names;
    }

    /// <summary>Whether a text of the user's own changes the task.</summary>
    public static bool UsesProse(string name) =>
        name is "babilong_qa1" or "facts" or Perplexity || NeedleShape.All.Any(shape => shape.Name == name && shape.Place == NeedlePlace.Essay);

    /// <summary>Whether the task cannot be made without such a text.</summary>
    public static bool NeedsProse(string name) => UsesProse(name) && name is not ("babilong_qa1" or "facts");

    /// <summary>Makes a task that asks questions.</summary>
    /// <param name="name">One of <see cref="Names"/> but <see cref="Perplexity"/>.</param>
    /// <param name="options">What the tasks can be told.</param>
    public static IEvaluationTask Create(string name, EvaluationTaskOptions options) => name switch
    {
        "passkey" => new PasskeyTask(options.Depths),
        "kv" => new KvTask(),
        "vt" => new VariablesTask(),
        "cwe" => new CommonWordsTask(),
        "fwe" => new FrequentWordsTask(),
        "babilong_qa1" => new MovesTask(options.Prose ?? Haystack.Noise),
        "facts" => new FactsTask(options.Prose ?? Haystack.Noise, options.Facts),
        _ => new NeedleTask(NeedleShape.All.Single(shape => shape.Name == name), options.Prose),
    };
}
