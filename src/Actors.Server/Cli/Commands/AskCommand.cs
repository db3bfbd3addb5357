using System.CommandLine;
using Actors.Server.Hosting;

namespace Actors.Server.Cli;

/// <summary><c>actors ask --session S "question"</c></summary>
internal static class AskCommand
{
    public static Command Create(CommandServices services)
    {
        Option<string> session = SessionArgument.Create();
        session.Required = false; // documents can stand for it
        var question = new Argument<string>("question") { Description = "What to ask; - reads it from standard input." };
        var sampling = new SamplingArguments();
        var documents = new DocumentArguments();
        var command = new Command("ask", "Ask one question in a session, or about some documents, and print the answer.") { session, question };
        var receipt = new Option<bool>("--receipt") { Description = "Show what the answer was drawn from." };
        sampling.AddTo(command);
        command.Add(receipt);
        documents.AddTo(command, session, receipt);
        command.SetAction(async (result, cancellationToken) =>
        {
            Settings settings = Settings.From(result, services.Environment);
            string text = result.GetRequiredValue(question);
            if (text == "-") text = (await services.Terminal.In.ReadToEndAsync(cancellationToken)).TrimEnd();
            if (text.Length == 0) throw new CliException(ExitCode.Usage, "The question is empty.");
            if (documents.AreGiven(result))
            {
                await documents.AnswerAsync(result, settings, text, sampling, services, cancellationToken);
                return ExitCode.Ok;
            }

            await using SessionAccess access = await services.OpenSessionsAsync(settings, services, cancellationToken);
            await AskAsync(access.Sessions, result.GetRequiredValue(session), text, result.GetValue(receipt));
            return ExitCode.Ok;

            async Task AskAsync(ISessionClient sessions, string name, string words, bool withReceipt)
            {
                TextWriter output = services.Terminal.Out;
                Answer answer = await AnswerReader.ReadAsync(
                    sessions, name, sampling.Turn(result, words, settings.Policy) with { Receipt = withReceipt }, services,
                    part =>
                    {
                        if (settings.Json) return;
                        output.Write(part);
                        output.Flush();
                    },
                    cancellationToken);
                if (withReceipt)
                {
                    if (answer.Turn is null) throw new CliException(ExitCode.Failed, "The server did not name the turn, so its receipt cannot be asked for; is it of this version?");
                    answer = answer with { Receipt = await sessions.GetReceiptAsync(name, answer.Turn, cancellationToken) };
                }
                if (settings.Json) services.Terminal.WriteJson(answer);
                else output.WriteLine();
                if (withReceipt && !settings.Json) services.Terminal.OutConsole().Write(ReceiptTable.Of(answer.Receipt));
            }
        });
        return command;
    }
}
