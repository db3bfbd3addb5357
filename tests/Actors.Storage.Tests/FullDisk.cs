using Microsoft.Win32.SafeHandles;

namespace Actors.Storage.Tests;

/// <summary>A disk with so many bytes left. A write that does not fit is done in part, as the system does it.</summary>
internal sealed class FullDisk : DiskWriter
{
    public long FreeBytes { get; set; } = long.MaxValue;

    public bool FlushFails { get; set; }

    public int Flushes { get; private set; }

    /// <summary>Called in each flush, before it counts as done.</summary>
    public Action? OnFlush { get; set; }

    internal override void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset)
    {
        int fits = (int)Math.Min(FreeBytes, bytes.Length);
        base.Write(file, bytes[..fits], offset);
        FreeBytes -= fits;
        if (fits < bytes.Length) throw new IOException("No space left on device");
    }

    internal override void Flush(SafeFileHandle file)
    {
        Flushes++;
        OnFlush?.Invoke();
        if (FlushFails) throw new IOException("Input/output error");
        base.Flush(file);
    }
}
