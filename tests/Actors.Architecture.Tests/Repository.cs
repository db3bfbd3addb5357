using System.Xml.Linq;

namespace Actors.Architecture.Tests;

/// <summary>The checkout that these tests read: project files and sources, found upwards from the test assembly.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static IReadOnlyList<ProjectFile> Projects { get; } =
        [.. new[] { "src", "grains", "tests" }
            .SelectMany(room => Directory.EnumerateFiles(Path.Combine(Root, room), "*.csproj", SearchOption.AllDirectories))
            .Select(ProjectFile.Read)
            .OrderBy(project => project.Name, StringComparer.Ordinal)];

    public static IEnumerable<string> Sources(params string[] rooms) =>
        rooms.SelectMany(room => Directory.EnumerateFiles(Path.Combine(Root, room), "*.cs", SearchOption.AllDirectories))
            .Where(path => !Relative(path).Split('/').Any(part => part is "bin" or "obj"));

    public static string Relative(string path) => Path.GetRelativePath(Root, path).Replace('\\', '/');

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Actors.sln")))
                return folder.FullName;
        throw new InvalidOperationException($"No Actors.sln above {AppContext.BaseDirectory}.");
    }
}

/// <summary>One project file with the projects and packages that it names.</summary>
internal sealed record ProjectFile(string Name, string Path, IReadOnlyList<string> Projects, IReadOnlyList<string> Packages)
{
    public static ProjectFile Read(string path)
    {
        var xml = XDocument.Load(path);
        IReadOnlyList<string> Includes(string element) =>
            [.. xml.Descendants(element).Select(item => (string?)item.Attribute("Include") ?? "").Select(include => include.Replace('\\', '/'))];
        return new ProjectFile(
            System.IO.Path.GetFileNameWithoutExtension(path),
            Repository.Relative(path),
            [.. Includes("ProjectReference").Select(include => System.IO.Path.GetFileNameWithoutExtension(include))],
            Includes("PackageReference"));
    }
}
