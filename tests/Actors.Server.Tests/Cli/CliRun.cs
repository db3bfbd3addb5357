using System.Text.Json;
using Actors.Server.Cli;

namespace Actors.Server.Tests.Cli;

/// <summary>Runs the command line in this process, over <see cref="FakeSessions"/> and redirected streams.</summary>
internal sealed class CliRun : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cli-");

    public FakeSessions Sessions { get; } = new();

    public Dictionary<string, string> Environment { get; } = [];

    /// <summary>Settings that the last opened sessions were asked for with.</summary>
    public Settings? Opened { get; private set; }

    public string Out { get; private set; } = "";

    public string Error { get; private set; } = "";

    public string Input { get; set; } = "";

    public string WriteFile(string name, string text)
    {
        string path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }

    public async Task<int> RunAsync(params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var services = new CommandServices
        {
            Terminal = new Terminal
            {
                In = new StringReader(Input), OpenInput = () => new MemoryStream(System.Text.Encoding.UTF8.GetBytes(Input)), Out = output, Error = error,
            },
            Environment = name => name == "ACTORS_DATA" && !Environment.ContainsKey(name) ? _folder.FullName : Environment.GetValueOrDefault(name),
            Time = TimeProvider.System,
            OpenSessionsAsync = (settings, _, _) =>
            {
                Opened = settings;
                return Task.FromResult(new SessionAccess(Sessions, owner: null));
            },
        };
        int code = await CommandLine.RunAsync(args, services, CancellationToken.None);
        (Out, Error) = (output.ToString(), error.ToString());
        return code;
    }

    /// <summary>The only line of the output, as JSON.</summary>
    public JsonElement Json() => JsonDocument.Parse(Assert.Single(Out.Split('\n', StringSplitOptions.RemoveEmptyEntries))).RootElement;

    public void Dispose() => _folder.Delete(recursive: true);
}
