using System.Text.RegularExpressions;

namespace Actors.Architecture.Tests;

/// <summary>House rules that the compiler does not know.</summary>
public partial class SourceTests
{
    private const int MostLines = 500;

    // A thread that belongs to the class may park: no task, grain turn or request waits with it.
    private static readonly string[] OwnThreads = ["src/Actors.Engine/InferenceEngine.cs: _wake.Wait();"];

    [Fact]
    public void SourceFile_OfAnyRoom_CanBeReadInASitting()
    {
        var tooLong = Repository.Sources("src", "grains", "tests")
            .Select(path => (Path: Repository.Relative(path), Lines: File.ReadLines(path).Count()))
            .Where(file => file.Lines > MostLines);
        Assert.Empty(tooLong);
    }

    [Fact]
    public void ProductSource_TimeChanceAndWaiting_ComeFromOutside()
    {
        var offences = from path in Repository.Sources("src", "grains")
                       from line in File.ReadLines(path)
                       where BannedSymbol().IsMatch(line) && !line.TrimStart().StartsWith("//", StringComparison.Ordinal)
                       select $"{Repository.Relative(path)}: {line.Trim()}";
        Assert.Empty(offences.Except(OwnThreads));
    }

    [Fact]
    public void GrainSource_OrleansRuntime_MakesNoDifference()
    {
        var conditional = Repository.Sources("grains").Where(path => File.ReadAllText(path).Contains("ORLEANS_PACKAGES", StringComparison.Ordinal));
        Assert.Empty(conditional.Select(Repository.Relative));
    }

    [Fact]
    public void TypeName_InProductSource_SaysWhatItDoes()
    {
        var vague = from path in Repository.Sources("src", "grains")
                    let name = Path.GetFileNameWithoutExtension(path)
                    where name.EndsWith("Manager", StringComparison.Ordinal) || name.EndsWith("Helper", StringComparison.Ordinal)
                        || name.EndsWith("Helpers", StringComparison.Ordinal) || name.EndsWith("Utils", StringComparison.Ordinal)
                    select Repository.Relative(path);
        Assert.Empty(vague);
    }

    [GeneratedRegex(@"DateTime(Offset)?\.(Utc)?Now\b|Random\.Shared\b|Thread\.Sleep\(|\.GetAwaiter\(\)\.GetResult\(\)|(?<!\w)Task\.Result\b|\.Wait\(\)")]
    private static partial Regex BannedSymbol();
}
