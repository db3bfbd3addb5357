using System.Runtime.InteropServices;

namespace Actors.Storage;

/// <summary>The few calls of the C library that .NET does not offer. On Windows they do nothing.</summary>
internal static unsafe partial class PosixCalls
{
    private const int DontNeed = 4;

    /// <summary>Lets the system take back the resident memory of a mapping; its bytes stay readable. Linux only.</summary>
    internal static void ReturnMemory(byte* address, nuint bytes)
    {
        if (OperatingSystem.IsLinux()) _ = MAdvise(address, bytes, DontNeed);
    }

    /// <summary>Makes a rename or a new name in a folder durable.</summary>
    /// <exception cref="IOException">The folder cannot be flushed.</exception>
    internal static void FlushFolder(string path)
    {
        if (OperatingSystem.IsWindows()) return;
        int folder = Open(path, 0);
        if (folder < 0) throw new IOException($"The folder '{path}' cannot be opened: {Marshal.GetLastPInvokeErrorMessage()}.");
        int result = FSync(folder);
        string message = result == 0 ? "" : Marshal.GetLastPInvokeErrorMessage();
        _ = Close(folder);
        if (result != 0) throw new IOException($"The folder '{path}' cannot be flushed: {message}.");
    }

    [LibraryImport("libc", EntryPoint = "madvise", SetLastError = true)]
    private static partial int MAdvise(byte* address, nuint bytes, int advice);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(int file);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int file);
}
