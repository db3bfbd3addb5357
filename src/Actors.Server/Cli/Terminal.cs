using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Spectre.Console;

namespace Actors.Server.Cli;

/// <summary>
/// Where a command reads and writes. Results go to <see cref="Out"/> and nothing else does; progress, notes and errors go to <see cref="Error"/>.
/// Not for use from several threads at once, except <see cref="Note"/>.
/// </summary>
internal sealed class Terminal
{
    private static readonly JsonSerializerOptions JsonOptions = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    /// <summary>The process's own streams.</summary>
    public static Terminal OfProcess { get; } = new()
    {
        In = Console.In,
        OpenInput = Console.OpenStandardInput,
        Out = Console.Out,
        Error = Console.Error,
        InputIsInteractive = !Console.IsInputRedirected,
        ErrorIsInteractive = !Console.IsErrorRedirected && !Console.IsOutputRedirected,
        OutIsInteractive = !Console.IsOutputRedirected,
    };

    public required TextReader In { get; init; }

    public required Func<Stream> OpenInput { get; init; }

    public required TextWriter Out { get; init; }

    public required TextWriter Error { get; init; }

    public bool InputIsInteractive { get; init; }

    public bool OutIsInteractive { get; init; }

    public bool ErrorIsInteractive { get; init; }

    /// <summary>Writes one line beside the result.</summary>
    public void Note(string line) => Error.WriteLine(line);

    /// <summary>Writes one JSON document on one line.</summary>
    public void WriteJson<T>(T value) => Out.WriteLine(JsonSerializer.Serialize(value, JsonOptions));

    /// <summary>A console of Spectre over the result stream; without colours and as wide as needed when that is redirected.</summary>
    public IAnsiConsole OutConsole() => Create(Out, OutIsInteractive);

    /// <summary>A console of Spectre over the stream of notes.</summary>
    public IAnsiConsole ErrorConsole() => Create(Error, ErrorIsInteractive);

    private static IAnsiConsole Create(TextWriter writer, bool interactive)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = interactive ? AnsiSupport.Detect : AnsiSupport.No,
            Interactive = interactive ? InteractionSupport.Yes : InteractionSupport.No,
            ColorSystem = interactive ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
        });
        if (!interactive) console.Profile.Width = 200;
        return console;
    }
}
