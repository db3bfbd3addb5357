using System.Diagnostics;

namespace Actors.Server.Tests.Processes;

/// <summary>A test that mounts a small file system of its own, where the system lets users do so.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NamespaceFactAttribute : FactAttribute
{
    private static readonly bool Available = TryUnshare();

    public NamespaceFactAttribute()
    {
        if (!Available) Skip = "This system has no user namespaces with tmpfs (unshare -Urm), which a full disk is made of here.";
    }

    private static bool TryUnshare()
    {
        try
        {
            var info = new ProcessStartInfo("unshare") { RedirectStandardError = true };
            foreach (string argument in (string[])["-Urm", "mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", "/mnt"]) info.ArgumentList.Add(argument);
            using var process = Process.Start(info)!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
