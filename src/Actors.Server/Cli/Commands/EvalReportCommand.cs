using System.CommandLine;
using Actors.Server.Evaluation;

namespace Actors.Server.Cli;

/// <summary><c>actors eval report</c></summary>
internal static class EvalReportCommand
{
    public static Command Create(CommandServices services)
    {
        var files = new Argument<string[]>("file") { Description = "Files that eval --output wrote.", HelpName = "FILE", Arity = ArgumentArity.OneOrMore };
        var folder = new Option<string>("--out") { Description = "Folder for the page and its charts.", HelpName = "DIR", DefaultValueFactory = static _ => Path.Combine("docs", "evaluation") };
        var command = new Command("report", "Write saved results as a Markdown page with charts.") { files, folder };
        command.SetAction(async (result, cancellationToken) =>
        {
            List<EvaluationRow> rows = [];
            foreach (string file in result.GetRequiredValue(files))
            {
                if (!File.Exists(file)) throw new CliException(ExitCode.NotFound, $"There is no file '{file}'.");
                rows.AddRange(ResultsFile.Read(file));
            }
            var pages = EvaluationReport.Create(rows);
            string directory = Directory.CreateDirectory(result.GetRequiredValue(folder)).FullName;
            foreach ((string name, string content) in pages) await File.WriteAllTextAsync(Path.Combine(directory, name), content, cancellationToken);
            services.Terminal.Note($"Wrote {EvaluationReport.PageName} and {pages.Count - 1} charts to {directory}.");
            return ExitCode.Ok;
        });
        return command;
    }
}
