using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Actors.Server.Api;
using Actors.Server.Tests.Api;
using Actors.Testing;

namespace Actors.Server.Tests.Processes;

/// <summary>A server on a file system that really is full.</summary>
public sealed class FullDiskTests
{
    private const string Text = "Remember: my cat's code is 30561.\n";

    [NamespaceFact]
    public async Task Disk_FullThenFreed_RefusesClearlyLosesNothingAndGoesOn()
    {
        using var folder = new TemporaryDirectory();
        await using ServerProcess server = await ServerProcess.StartAsync(folder.Path, info => OnSmallDisk(info, folder.Path));
        using (HttpResponseMessage first = await server.Http.PostAsJsonAsync("/v1/sessions/s/items", new { text = Text })) first.EnsureSuccessStatusCode();

        ErrorDetail? error = null;
        for (int i = 0; i < 40 && error is null; i++)
        {
            string prose = string.Concat(Enumerable.Range(0, 200).Select(line => $"Option {i * line} of the command writes {line} files to the folder.\n"));
            using HttpResponseMessage response = await server.Http.PostAsJsonAsync("/v1/sessions/s/items", new { text = prose });
            if (!response.IsSuccessStatusCode) error = await ApiFixture.ErrorOfAsync(response, HttpStatusCode.InsufficientStorage);
        }

        Assert.NotNull(error);
        Assert.Equal("storage_full", error.Code);
        Assert.True((await server.Http.GetAsync("/health")).IsSuccessStatusCode);
        long held = await TokensAsync(server);
        Assert.True(held > 500);

        File.Delete($"/proc/{server.Id}/root{folder.Path}/filler");
        using HttpResponseMessage again = await server.Http.PostAsJsonAsync("/v1/sessions/s/items", new { text = "The disk has room again.\n" });

        Assert.True(again.IsSuccessStatusCode, await again.Content.ReadAsStringAsync());
        Assert.True(await TokensAsync(server) > held);
        Assert.True((await server.Http.GetAsync("/ready")).IsSuccessStatusCode);
    }

    private static void OnSmallDisk(ProcessStartInfo info, string folder)
    {
        string[] command = [info.FileName, .. info.ArgumentList];
        info.FileName = "unshare";
        info.ArgumentList.Clear();
        const string Script = "mount -t tmpfs -o size=24m tmpfs \"$0\" && dd if=/dev/zero of=\"$0/filler\" bs=1M count=20 2>/dev/null && exec \"$@\"";
        foreach (string argument in (string[])["-Urm", "sh", "-c", Script, folder, .. command]) info.ArgumentList.Add(argument);
    }

    private static async Task<long> TokensAsync(ServerProcess server) =>
        JsonDocument.Parse(await server.Http.GetStringAsync("/v1/sessions/s")).RootElement.GetProperty("tokens").GetInt64();
}
