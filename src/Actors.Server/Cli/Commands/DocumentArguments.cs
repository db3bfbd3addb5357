using System.CommandLine;
using System.Globalization;
using Actors.Engine;
using Actors.Models;
using Actors.Server.Documents;

namespace Actors.Server.Cli;

/// <summary>Options of <c>actors ask</c> for a list of documents that no session remembers.</summary>
internal sealed class DocumentArguments
{
    private const int DefaultAnswerTokens = 256;

    private readonly Option<string[]> _documents = new("--documents") { Description = "Texts to answer from, instead of a session.", HelpName = "FILE", AllowMultipleArgumentsPerToken = true };

    private readonly Option<DocumentCalibration> _calibrate = new("--calibrate")
    {
        Description = "sort: documents that draw attention come last; middle: attention is scaled by what documents draw beyond their place.",
    };

    private readonly Option<int> _rounds = new("--rounds")
    {
        Description = "Most times that documents are sorted.", HelpName = "N", DefaultValueFactory = static _ => 3, Validators = { static result => GlobalOptions.RequireRange(result, 1, 20) },
    };

    private readonly Option<int> _repeat = new("--repeat")
    {
        Description = "How often the list stands before the question.", HelpName = "N", DefaultValueFactory = static _ => 1, Validators = { static result => GlobalOptions.RequireRange(result, 1, 8) },
    };

    public void AddTo(Command command, Option<string> session, Option<bool> receipt)
    {
        foreach (Option option in (Option[])[_documents, _calibrate, _rounds, _repeat])
            command.Add(option);
        command.Validators.Add(result =>
        {
            bool documents = AreGiven(result.GetValue(_documents));
            if (documents == (result.GetResult(session) is { Implicit: false })) result.AddError("Give either --session NAME or --documents FILE ....");
            if (documents && result.GetValue(receipt)) result.AddError("--receipt is about a session; with --documents use --json, which shows the attention to each.");
            if (!documents && (result.GetResult(_calibrate) is { Implicit: false } || result.GetResult(_rounds) is { Implicit: false } || result.GetResult(_repeat) is { Implicit: false }))
                result.AddError("--calibrate, --rounds and --repeat are about --documents FILE ....");
        });
    }

    public bool AreGiven(ParseResult result) => AreGiven(result.GetValue(_documents));

    /// <summary>Answers and prints.</summary>
    public async Task AnswerAsync(ParseResult result, Settings settings, string question, SamplingArguments sampling, CommandServices services, CancellationToken cancellationToken)
    {
        string[] files = result.GetRequiredValue(_documents);
        List<string> documents = [];
        foreach (string file in files)
            documents.Add(await ReadAsync(file, cancellationToken));
        var turn = sampling.Turn(result, question, settings.Policy);
        await using EngineAccess access = EngineAccess.Open(settings);
        DocumentAnswer answer;
        await using (IProgressDisplay progress = services.ShowProgress("Reading documents", "tokens"))
        {
            var throughput = new Throughput(services.Time, TimeSpan.FromSeconds(5));
            long done = 0;
            var reading = new DocumentReading(access.Engine, settings.Policy, result.GetValue(_repeat), tokens => progress.Report(done += tokens, null, throughput.Mark(done)));
            answer = await reading.AnswerAsync(
                documents, question, result.GetValue(_calibrate), result.GetValue(_rounds),
                new EngineTurn { MaxNewTokens = turn.MaxNewTokens ?? DefaultAnswerTokens, Sampling = new SamplingOptions { Temperature = turn.Sampling.Temperature, Seed = turn.Sampling.Seed } },
                cancellationToken);
        }
        if (!settings.Json)
        {
            services.Terminal.Out.WriteLine(answer.Text);
            if (answer.Attention.Count > 0) services.Terminal.Note(Describe(answer, files));
            return;
        }
        services.Terminal.WriteJson(new
        {
            answer.Text, Documents = answer.Order.Select(document => files[document]), answer.Attention, answer.Factors, answer.Passes, answer.PromptTokens, answer.GeneratedTokens,
        });
    }

    private static bool AreGiven(string[]? documents) => documents is { Length: > 0 };

    private static string Describe(DocumentAnswer answer, string[] files) => "Attention to documents, in the order in which they were read: " + string.Join(", ", answer.Order.Select((document, place) =>
        string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(files[document])} {answer.Attention[place]:P2}{(answer.Factors.Count == 0 ? "" : $" times {answer.Factors[place]:0.00}")}"))) + ".";

    private static async Task<string> ReadAsync(string file, CancellationToken cancellationToken)
    {
        if (new FileInfo(file) is { Exists: true, Length: > TextPieces.MaxPieceBytes * 32 } large)
            throw new CliException(ExitCode.Usage, $"'{file}' has {large.Length:N0} bytes; a document may have {TextPieces.MaxPieceBytes * 32:N0}. Use 'ingest' for long texts.");
        try
        {
            string text = (await File.ReadAllTextAsync(file, new System.Text.UTF8Encoding(false, true), cancellationToken)).Trim();
            return text.Length > 0 ? text : throw new CliException(ExitCode.Usage, $"'{file}' is empty.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCode.NotFound, $"'{file}' cannot be read: {exception.Message}", exception);
        }
        catch (System.Text.DecoderFallbackException exception)
        {
            throw new CliException(ExitCode.Usage, $"'{file}' is not UTF-8: {exception.Message}", exception);
        }
    }
}
