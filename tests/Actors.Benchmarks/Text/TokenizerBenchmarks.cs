using System.Text;
using Actors.Models;
using Actors.Testing;
using BenchmarkDotNet.Attributes;

namespace Actors.Benchmarks;

/// <summary>Encodes and decodes one million characters of this repository's own sources; the baseline only copies their bytes.</summary>
[MemoryDiagnoser]
public class TokenizerBenchmarks
{
    private const int Characters = 1_000_000;
    private Tokenizer _tokenizer = null!;
    private string _text = "";
    private int[] _tokens = [];

    [Params("recall-tiny", "llama3", "qwen2", "llama2")]
    public string Style { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        string fixtures = Path.Combine(RepositoryFiles.Root, "tests", "Actors.Models.Tests", "Tokenizers", "Fixtures");
        _tokenizer = Tokenizer.Load(Style == "recall-tiny"
            ? Path.Combine(RepositoryFiles.BundledModel, "tokenizer.json")
            : Path.Combine(fixtures, Style + ".json"));
        var text = new StringBuilder();
        string[] files = [.. Directory.GetFiles(Path.Combine(RepositoryFiles.Root, "src"), "*.cs", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
        for (int i = 0; text.Length < Characters; i++) text.Append(File.ReadAllText(files[i % files.Length]));
        _text = text.ToString(0, Characters);
        _tokens = _tokenizer.Encode(_text, parseSpecialTokens: false);
    }

    [Benchmark(Baseline = true)]
    public byte[] Utf8() => Encoding.UTF8.GetBytes(_text);

    [Benchmark]
    public int[] Encode() => _tokenizer.Encode(_text, parseSpecialTokens: false);

    [Benchmark]
    public string Decode() => _tokenizer.Decode(_tokens, skipSpecialTokens: true);
}
