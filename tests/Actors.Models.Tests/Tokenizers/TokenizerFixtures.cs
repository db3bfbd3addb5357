using System.Text.Json;
using Actors.Testing;

namespace Actors.Models.Tests;

/// <summary>
/// Small tokenizer files of every supported style, and what the reference implementation (Hugging Face tokenizers 0.22.2) makes of a list
/// of awkward texts with them.
/// </summary>
internal static class TokenizerFixtures
{
    public static readonly IReadOnlyList<string> ByteLevel = ["gpt2", "llama3", "qwen2", "digits", "recall-tiny"];
    public static readonly IReadOnlyList<string> All = [.. ByteLevel, "prefixspace", "llama2", "metaspace", "legacy", "crossing"];

    private static string Folder => Path.Combine(RepositoryFiles.Root, "tests", "Actors.Models.Tests", "Tokenizers", "Fixtures");

    public static string File(string name) => name == "recall-tiny"
        ? Path.Combine(RepositoryFiles.BundledModel, "tokenizer.json")
        : Path.Combine(Folder, name + ".json");

    public static Tokenizer Load(string name) => Tokenizer.Load(File(name));

    public static IEnumerable<(string Text, int[] Ids, string Decoded)> Expected(string name)
    {
        using var document = JsonDocument.Parse(System.IO.File.ReadAllText(Path.Combine(Folder, name + ".expected.json")));
        return [.. document.RootElement.EnumerateArray().Select(item => (
            item.GetProperty("text").GetString()!,
            item.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32()).ToArray(),
            item.GetProperty("decoded").GetString()!))];
    }

    public static IEnumerable<(string Text, string Composed)> Compositions()
    {
        using var document = JsonDocument.Parse(System.IO.File.ReadAllText(Path.Combine(Folder, "nfc.expected.json")));
        return [.. document.RootElement.EnumerateArray().Select(item => (item[0].GetString()!, item[1].GetString()!))];
    }
}
