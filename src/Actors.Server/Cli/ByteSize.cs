using System.Globalization;
using System.Numerics;

namespace Actors.Server.Cli;

/// <summary>Sizes as people write them: 256MiB, 1.5 GiB, 64mb, 4096.</summary>
internal static class ByteSize
{
    private static readonly (string Unit, long Bytes)[] Units =
    [
        ("TiB", 1L << 40), ("GiB", 1L << 30), ("MiB", 1L << 20), ("KiB", 1L << 10),
        ("TB", 1_000_000_000_000), ("GB", 1_000_000_000), ("MB", 1_000_000), ("KB", 1_000),
        ("T", 1L << 40), ("G", 1L << 30), ("M", 1L << 20), ("K", 1L << 10), ("B", 1),
    ];

    /// <summary>Reads a number of bytes. Letters may be of either case; a bare number is bytes; K, M, G and T alone are powers of 1,024.</summary>
    public static bool TryParse(string text, out long bytes)
    {
        string number = text.Trim();
        long unitBytes = 1;
        foreach ((string unit, long size) in Units)
        {
            if (!number.EndsWith(unit, StringComparison.OrdinalIgnoreCase)) continue;
            number = number[..^unit.Length].TrimEnd();
            unitBytes = size;
            break;
        }
        bytes = 0;
        if (!decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal value)) return false;
        if (value > long.MaxValue / unitBytes) return false;
        bytes = (long)(value * unitBytes);
        return true;
    }

    /// <summary>Shortest form with one digit after the point, in powers of 1,024.</summary>
    public static string Format(long bytes)
    {
        int power = bytes < 1024 ? 0 : Math.Min(4, (BitOperations.Log2((ulong)bytes)) / 10);
        string unit = power switch { 0 => "B", 1 => "KiB", 2 => "MiB", 3 => "GiB", _ => "TiB" };
        double value = bytes / (double)(1L << (10 * power));
        return string.Create(CultureInfo.InvariantCulture, $"{value:0.#} {unit}");
    }
}
