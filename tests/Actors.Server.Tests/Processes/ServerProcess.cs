using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Actors.Server.Tests.Processes;

/// <summary>The built executable as a process of its own.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private const int SigTerm = 15;
    private readonly Process _process;

    private ServerProcess(Process process, Uri address)
    {
        _process = process;
        Http = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromMinutes(2) };
    }

    public HttpClient Http { get; }

    public int Id => _process.Id;

    public static ProcessStartInfo Command(params string[] arguments)
    {
        var info = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        info.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "actors.dll"));
        foreach (string argument in arguments) info.ArgumentList.Add(argument);
        foreach (string name in info.Environment.Keys.Where(name => name.StartsWith("ACTORS_", StringComparison.Ordinal)).ToList()) info.Environment.Remove(name);
        return info;
    }

    public static string[] ServeArguments(string folder) => ["serve", "--json", "--data", folder, "--url", "http://127.0.0.1:0", "--threads", "1", "--memory", "64MiB"];

    public static async Task<ServerProcess> StartAsync(string folder, Action<ProcessStartInfo>? configure = null)
    {
        ProcessStartInfo info = Command(ServeArguments(folder));
        info.Environment["ACTORS_CHECKPOINTTOKENS"] = "256";
        configure?.Invoke(info);
        Process process = Process.Start(info)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string? line = await process.StandardOutput.ReadLineAsync();
        if (line is null)
        {
            await process.WaitForExitAsync();
            throw new InvalidOperationException($"The server ended with code {process.ExitCode}: {await errors}");
        }

        using JsonDocument announced = JsonDocument.Parse(line);
        return new ServerProcess(process, new Uri(announced.RootElement.GetProperty("url").GetString()!));
    }

    /// <summary>SIGKILL: nothing of the process runs any more when this ends.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGTERM, and the exit code.</summary>
    public async Task<int> TerminateAsync()
    {
        Assert.Equal(0, Signal(_process.Id, SigTerm));
        await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (!_process.HasExited) await KillAsync();
        _process.Dispose();
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Signal(int process, int signal);
}
