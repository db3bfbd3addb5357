using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using Actors.Attention;
using Actors.Server.Evaluation;

namespace Actors.Server.Cli;

/// <summary>The arguments of <see cref="EvalCommand"/>.</summary>
internal sealed class EvalOptions
{
    private const int TextNameCharacters = 12;

    private readonly Argument<string> _tasks = new("task")
    {
        Description = $"One of {string.Join(", ", EvaluationTasks.Names)}; several with commas; {EvaluationTasks.Ruler} for those of RULER.", HelpName = "TASK[,TASK]",
        Arity = ArgumentArity.ExactlyOne,
    };

    private readonly Option<int[]> _lengths = new("--length", "-l")
    {
        Description = "Lengths in tokens, such as 400,4k,128k.", HelpName = "N[,N]", AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = static _ => [400], CustomParser = static result => NumberList.Parse(result, 16, 100_000_000),
    };

    private readonly Option<int> _samples = new("--samples", "-k")
    {
        Description = "Contexts per row and seed.", HelpName = "K", DefaultValueFactory = static _ => 5, Validators = { static result => GlobalOptions.RequireRange(result, 1, 100_000) },
    };

    private readonly Option<int[]> _seeds = new("--seed", "--seeds")
    {
        Description = "Equal seeds give equal contexts; with several, a row shows mean and standard deviation.", HelpName = "S[,S]", AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = static _ => [42], CustomParser = static result => NumberList.Parse(result, 0, int.MaxValue),
    };

    private readonly Option<string?> _ingest = new("--ingest")
    {
        Description = "Read every context once under this policy and let each of --policy answer on the same pages. [default: each policy reads for itself]", HelpName = "POLICY",
    };

    private readonly Option<int> _facts = new("--keys")
    {
        Description = "Facts of facts.", HelpName = "N", DefaultValueFactory = static _ => EvaluationTaskOptions.DefaultFacts,
        Validators = { static result => GlobalOptions.RequireRange(result, 1, 400) },
    };

    private readonly Option<int[]> _depths = new("--depth")
    {
        Description = "Depths of passkey in percent, taken in turn by the samples. [default: random]", HelpName = "N[,N]", AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = static _ => [], CustomParser = static result => NumberList.Parse(result, 0, 100),
    };

    private readonly Option<int> _chunk = new("--chunk")
    {
        Description = "Tokens of a step of perplexity.", HelpName = "N", DefaultValueFactory = static _ => PerplexityRunner.DefaultChunkTokens,
        Validators = { static result => GlobalOptions.RequireRange(result, 1, PerplexityRunner.DefaultChunkTokens) },
    };

    private readonly Option<bool> _receipts = new("--receipts") { Description = "Record what answers read and count those that read a page of what was planted the most. Decoding takes longer by it." };

    private readonly Option<double> _fidelity = new("--fidelity")
    {
        Description = "Share of decoded tokens, 0 to 1, that are compared with exact attention. Decoding takes longer by it.", HelpName = "RATE", DefaultValueFactory = static _ => 0,
        Validators = { static result => { if (result.GetValueOrDefault<double>() is < 0 or > 1 or double.NaN) result.AddError("--fidelity must be a number from 0 to 1."); } },
    };

    private readonly Option<string?> _text = new("--text")
    {
        Description = "File with prose, for the tasks that need it. [default of facts and babilong_qa1: five repeated sentences]", HelpName = "FILE",
    };

    public Option<string?> Write { get; } = new("--write")
    {
        Description = "Run nothing; write the first context of the first length to FILE and its questions to FILE.questions.jsonl.", HelpName = "FILE",
    };

    public Option<string?> Output { get; } = new("--output", "-o")
    {
        Description = "Add every row to FILE as soon as it is measured, and measure nothing that is there already.", HelpName = "FILE",
    };

    public Option<bool> Details { get; } = new("--details") { Description = "Keep every answer with --json and --output; without --json, print the wrong ones." };

    public void AddTo(Command command)
    {
        command.Add(_tasks);
        foreach (Option option in (Option[])[_lengths, _samples, _seeds, _ingest, _facts, _depths, _chunk, _receipts, _fidelity, _text, Write, Output, Details]) command.Add(option);
    }

    /// <summary>What a command line asks for.</summary>
    /// <exception cref="CliException">A policy is unknown, or options contradict each other.</exception>
    /// <exception cref="EvaluationException">A task is unknown or lacks its text.</exception>
    public async Task<EvaluationPlan> ReadPlanAsync(ParseResult result, Settings settings, CancellationToken cancellationToken)
    {
        string[] policies = (settings.Policy ?? "auto").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        string? ingest = result.GetValue(_ingest);
        if (policies.Length == 0) throw new CliException(ExitCode.Usage, "--policy names no policy.");
        foreach (string policy in policies) RequireKnown("--policy", policy);
        if (ingest is not null) RequireKnown("--ingest", ingest);

        IReadOnlyList<string> tasks = EvaluationTasks.Expand(result.GetRequiredValue(_tasks));
        if (ingest is not null && tasks.Contains(EvaluationTasks.Perplexity))
            throw new CliException(ExitCode.Usage, "--ingest is for tasks with questions; perplexity measures the policy that reads.");
        string? file = result.GetValue(_text);
        string? text = file is null ? null : await ReadTextAsync(file, cancellationToken);
        if (text is null && tasks.FirstOrDefault(EvaluationTasks.NeedsProse) is { } needy) throw new EvaluationException($"{needy} needs prose. Name a file with it in --text.");

        EvaluationPlan plan = new()
        {
            Tasks = tasks,
            Policies = [.. policies.Distinct()],
            Ingest = ingest,
            Lengths = [.. result.GetRequiredValue(_lengths).Distinct()],
            Seeds = [.. result.GetRequiredValue(_seeds).Distinct().Select(seed => (long)seed)],
            Samples = result.GetValue(_samples),
            ChunkTokens = result.GetValue(_chunk),
            Receipts = result.GetValue(_receipts),
            Fidelity = result.GetValue(_fidelity),
            Options = new EvaluationTaskOptions
            {
                Prose = text is null ? null : Haystack.FromText(text),
                Facts = result.GetValue(_facts),
                Depths = [.. (result.GetValue(_depths) ?? []).Select(depth => depth / 100.0)],
            },
            Text = text,
            TextName = text is null ? null : $"{Path.GetFileName(file)} {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..TextNameCharacters]}",
        };
        return plan with { Command = CommandLineOf(plan, file, settings) };
    }

    private static void RequireKnown(string option, string policy)
    {
        if (!AttentionPolicies.IsKnown(policy))
            throw new CliException(ExitCode.Usage, $"{option} is '{policy}'; known are {string.Join(", ", AttentionPolicies.Names)}.");
    }

    private static async Task<string> ReadTextAsync(string file, CancellationToken cancellationToken)
    {
        if (!File.Exists(file)) throw new CliException(ExitCode.NotFound, $"There is no file '{file}' for --text.");
        return await File.ReadAllTextAsync(file, cancellationToken);
    }

    /// <summary>A command line that gives the same rows, with names of files instead of their paths.</summary>
    private static string CommandLineOf(EvaluationPlan plan, string? file, Settings settings)
    {
        StringBuilder line = new($"actors eval {string.Join(',', plan.Tasks)} --policy {string.Join(',', plan.Policies)}");
        if (plan.Ingest is not null) line.Append($" --ingest {plan.Ingest}");
        line.Append($" --length {string.Join(',', plan.Lengths)} --samples {plan.Samples} --seeds {string.Join(',', plan.Seeds)}");
        if (plan.Options.Facts != EvaluationTaskOptions.DefaultFacts) line.Append($" --keys {plan.Options.Facts}");
        if (plan.Options.Depths.Count > 0) line.Append($" --depth {string.Join(',', plan.Options.Depths.Select(depth => Math.Round(100 * depth)))}");
        if (plan.ChunkTokens != PerplexityRunner.DefaultChunkTokens) line.Append($" --chunk {plan.ChunkTokens}");
        if (plan.Receipts) line.Append(" --receipts");
        if (plan.Fidelity > 0) line.Append(System.Globalization.CultureInfo.InvariantCulture, $" --fidelity {plan.Fidelity}");
        if (file is not null) line.Append($" --text {Path.GetFileName(file)}");
        if (settings.Model is not null) line.Append($" --model {Path.GetFileName(Path.TrimEndingDirectorySeparator(settings.Model))}");
        return line.ToString();
    }
}
