using System.CommandLine;
using System.Globalization;
using Actors.Engine;

namespace Actors.Server.Cli;

/// <summary><c>actors logits --model DIR --tokens 1,2,3 [--top N]</c></summary>
internal static class LogitsCommand
{
    public static Command Create(CommandServices services)
    {
        var tokens = new Option<int[]>("--tokens")
        {
            Description = "Token ids.", HelpName = "ID[,ID]", AllowMultipleArgumentsPerToken = true, CustomParser = static result => NumberList.Parse(result, 0, int.MaxValue),
        };
        var prompt = new Option<string?>("--text") { Description = "A text instead of token ids; special tokens are recognised.", HelpName = "TEXT" };
        var top = new Option<int?>("--top")
        {
            Description = "Only the N most probable tokens. [default: 10; with --json: all, in order of their ids]", HelpName = "N",
            Validators = { static result => GlobalOptions.RequireRange(result, 1, 1_000_000) },
        };
        var all = new Option<bool>("--all") { Description = "Logits of every position instead of the last." };
        var command = new Command("logits", "Show what a model gives for the next token. The policy is dense unless --policy says otherwise.") { tokens, prompt, top, all };
        command.Validators.Add(result =>
        {
            if ((result.GetValue(tokens) is { Length: > 0 }) == (result.GetValue(prompt) is not null)) result.AddError("Give either --tokens 1,2,3 or --text TEXT.");
        });
        command.SetAction(async (result, cancellationToken) =>
        {
            Settings settings = Settings.From(result, services.Environment);
            await using EngineAccess access = EngineAccess.Open(settings with { Policy = result.GetValue(GlobalOptions.Policy) ?? "dense" });
            int[] input = result.GetValue(prompt) is { } text ? access.Model.Tokenizer.Encode(text, parseSpecialTokens: true) : result.GetValue(tokens)!;
            CheckTokens(input, access.Model);

            await using EngineSequence sequence = access.Engine.Open(new SequenceOptions());
            var turn = new EngineTurn { Input = input, Logits = result.GetValue(all) ? LogitRows.All : LogitRows.Last };
            await foreach (EngineEvent engineEvent in access.Engine.RunAsync(sequence, turn, cancellationToken))
                if (engineEvent is EngineEvent.Logits logits) Write(services.Terminal, settings, access.Model, logits, result.GetValue(top));
            return ExitCode.Ok;
        });
        return command;
    }

    private static void CheckTokens(int[] input, LoadedModel model)
    {
        int vocabulary = model.Config.Shape.VocabularySize;
        if (input.Length == 0) throw new CliException(ExitCode.Usage, "There is no token to start from.");
        foreach (int token in input)
            if (token >= vocabulary) throw new CliException(ExitCode.Usage, $"--tokens holds {token}, but the tokens of {model.Id} are 0 to {vocabulary - 1}.");
    }

    private static void Write(Terminal terminal, Settings settings, LoadedModel model, EngineEvent.Logits logits, int? top)
    {
        float[] values = logits.Values.ToArray();
        if (settings.Json && top is null)
        {
            terminal.WriteJson(new { logits.Position, Logits = values });
            return;
        }
        double largest = values.Max(), sum = values.Sum(value => Math.Exp(value - largest));
        var best = Enumerable.Range(0, values.Length).OrderByDescending(token => values[token]).Take(top ?? 10).Select(token => new
        {
            Token = token, Logit = values[token], LogProbability = values[token] - largest - Math.Log(sum), Text = model.HasTokenizer ? model.Tokenizer.Decode([token], skipSpecialTokens: false) : null,
        });
        if (settings.Json)
        {
            terminal.WriteJson(new { logits.Position, Top = best });
            return;
        }
        terminal.Out.WriteLine($"position {logits.Position}");
        foreach (var entry in best)
            terminal.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{entry.Token,8}  {entry.Logit,10:0.00000}  {entry.LogProbability,10:0.00000}  {Quote(entry.Text)}"));
    }

    private static string Quote(string? text) => text is null ? "" : $"'{text.Replace("\n", "\\n", StringComparison.Ordinal)}'";
}
