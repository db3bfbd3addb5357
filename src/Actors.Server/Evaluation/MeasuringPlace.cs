using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Actors.Server.Evaluation;

/// <summary>What times depend on beside the command.</summary>
internal static class MeasuringPlace
{
    private const int VersionCharacters = 16;

    /// <summary>Architecture, cores and width of vectors.</summary>
    public static string Machine { get; } =
        $"{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}, {Environment.ProcessorCount} cores, " +
        $"{(Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : 128)}-bit vectors";

    /// <summary>Version of the program with the beginning of its commit, where the build knew it.</summary>
    public static string Version { get; } = Shorten(typeof(MeasuringPlace).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "");

    private static string Shorten(string version) => version[..Math.Min(version.Length, VersionCharacters)];
}
