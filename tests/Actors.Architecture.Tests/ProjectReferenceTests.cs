namespace Actors.Architecture.Tests;

/// <summary>The arrows between rooms point down only; the picture is in docs/architecture.md.</summary>
public class ProjectReferenceTests
{
    private static readonly Dictionary<string, string[]> AllowedEdges = new()
    {
        ["Actors.Kernels"] = [],
        ["Actors.KvCache"] = ["Actors.Kernels"],
        ["Actors.Attention"] = ["Actors.KvCache", "Actors.Kernels"],
        ["Actors.Models"] = ["Actors.Kernels"],
        ["Actors.Engine"] = ["Actors.Attention", "Actors.Models", "Actors.KvCache", "Actors.Kernels"],
        ["Actors.Storage"] = ["Actors.KvCache"],
        ["Actors.Orleans.Embedded"] = [],
        ["Actors.Grains.Abstractions"] = [],
        ["Actors.Grains"] = ["Actors.Grains.Abstractions", "Actors.Engine", "Actors.Storage"],
        ["Actors.Server"] = ["Actors.Grains", "Actors.Grains.Abstractions", "Actors.Engine", "Actors.Storage"],
    };

    private static readonly string[] KnowOrleans = ["Actors.Orleans.Embedded", "Actors.Server"];

    private static readonly string[] ProductNames =
        [.. Repository.Projects.Where(project => !project.Path.StartsWith("tests/", StringComparison.Ordinal)).Select(project => project.Name)];

    public static TheoryData<string> ProductProjects => [.. ProductNames];

    [Theory, MemberData(nameof(ProductProjects))]
    public void ProjectReferences_OfAProductProject_PointDownOnly(string name)
    {
        var project = Repository.Projects.Single(candidate => candidate.Name == name);
        Assert.True(AllowedEdges.ContainsKey(name), $"{project.Path} is not drawn: give it a place in docs/architecture.md and in this test.");
        var forbidden = project.Projects.Except(AllowedEdges[name]).Select(target => $"{name} -> {target}");
        Assert.Empty(forbidden);
    }

    [Theory, MemberData(nameof(ProductProjects))]
    public void ProjectName_OfAProductProject_SaysWhatTheRoomIs(string name) =>
        Assert.DoesNotContain(name.Split('.'), part => part is "Common" or "Core" or "Utils" or "Helpers" or "Shared");

    [Fact]
    public void OrleansImport_BelowTheGrains_StandsInEmbeddedAndServerOnly()
    {
        var importers = Repository.Projects
            .Where(project => project.Path.StartsWith("src/", StringComparison.Ordinal))
            .Where(project => File.ReadAllText(Path.Combine(Repository.Root, project.Path)).Contains("Orleans.props", StringComparison.Ordinal)
                || project.Packages.Any(package => package.StartsWith("Microsoft.Orleans", StringComparison.Ordinal)))
            .Select(project => project.Name);
        Assert.Empty(importers.Except(KnowOrleans));
    }

    [Fact]
    public void PackageVersions_OfEveryProject_AreCentral()
    {
        var own = Repository.Projects.Where(project => System.Xml.Linq.XDocument.Load(Path.Combine(Repository.Root, project.Path))
            .Descendants("PackageReference").Any(reference => reference.Attribute("Version") is not null));
        Assert.Empty(own.Select(project => project.Path));
    }

    [Fact]
    public void EveryProductProject_WithCode_HasATestProject()
    {
        string[] coveredElsewhere = ["Actors.Grains.Abstractions", "Actors.Orleans.Embedded"];
        var tests = Repository.Projects.Select(project => project.Name).Where(name => name.EndsWith(".Tests", StringComparison.Ordinal));
        var untested = ProductNames.Except(coveredElsewhere).Except(tests.Select(name => name.Replace(".Tests", "", StringComparison.Ordinal)));
        Assert.Empty(untested);
    }
}
