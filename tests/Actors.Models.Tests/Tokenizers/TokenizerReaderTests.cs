using System.Text.Json.Nodes;
using Actors.Testing;

namespace Actors.Models.Tests;

public sealed class TokenizerReaderTests
{
    [Theory]
    [InlineData("model.type", "\"Unigram\"", "'Unigram' is not supported. Supported is BPE")]
    [InlineData("model.type", "\"WordPiece\"", "'WordPiece'")]
    [InlineData("model.dropout", "0.1", "must not be random")]
    [InlineData("model.end_of_word_suffix", "\"</w>\"", "end_of_word_suffix is set")]
    [InlineData("model.vocab", "{}", "vocab is empty")]
    [InlineData("model.vocab", "{\"a\":-1}", "vocab['a'] is -1")]
    [InlineData("model.vocab", "{\"a\":1}", "no token for byte 0x00")]
    [InlineData("model.merges", "7", "merges must be a list")]
    [InlineData("model.merges", "[\"a b c\"]", "merges[0] is \"a b c\", expected two tokens")]
    [InlineData("model.merges", "[[\"a\",\"nope\"]]", "merge 0 ('a', 'nope')")]
    [InlineData("normalizer", "{\"type\":\"Lowercase\"}", "normalizer 'Lowercase' is not supported")]
    [InlineData("pre_tokenizer", "{\"type\":\"BertPreTokenizer\"}", "pre_tokenizer 'BertPreTokenizer' is not supported")]
    [InlineData("pre_tokenizer", "{\"type\":\"Split\",\"pattern\":{\"Regex\":\"(\"},\"behavior\":\"Isolated\"}", "pattern '(' cannot be used")]
    [InlineData("pre_tokenizer", "{\"type\":\"Split\",\"pattern\":{\"Regex\":\"a\"},\"behavior\":\"Contiguous\"}", "behavior 'contiguous'")]
    [InlineData("decoder", "{\"type\":\"WordPiece\"}", "decoder {\"type\":\"WordPiece\"} is not supported")]
    [InlineData("added_tokens", "{}", "added_tokens is {}, expected a list")]
    [InlineData("added_tokens", "[{\"id\":-1,\"content\":\"x\"}]", "added_tokens.id is -1")]
    [InlineData("added_tokens", "[{\"id\":1}]", "added_tokens.content is missing")]
    public void Load_UnsupportedOrWrongPart_IsNamed(string field, string json, string expected)
    {
        using var directory = new TemporaryDirectory();
        var root = JsonNode.Parse(File.ReadAllText(TokenizerFixtures.File("gpt2")))!;
        if (field.StartsWith("model.", StringComparison.Ordinal)) root["model"]![field[6..]] = JsonNode.Parse(json);
        else root[field] = JsonNode.Parse(json);
        string path = directory.Write("tokenizer.json", root.ToJsonString());
        var error = Assert.Throws<CheckpointException>(() => Tokenizer.Load(path));
        Assert.Contains(expected, error.Message);
        Assert.Contains("tokenizer.json", error.Message);
    }

    [Fact]
    public void Load_DamagedFile_IsAlwaysAClearError()
    {
        using var directory = new TemporaryDirectory();
        string whole = File.ReadAllText(TokenizerFixtures.File("llama2"));
        for (int length = 0; length < whole.Length; length += 997)
        {
            string path = directory.Write("tokenizer.json", whole[..length]);
            Assert.Throws<CheckpointException>(() => Tokenizer.Load(path));
        }
    }

    [Fact]
    public void Load_LoneSurrogateInTheVocabulary_IsAClearError()
    {
        using var directory = new TemporaryDirectory();
        string path = directory.Write("tokenizer.json", File.ReadAllText(TokenizerFixtures.File("gpt2")).Replace("\"vocab\":{", "\"vocab\":{\"\\ud800\":5000,"));
        Assert.Throws<CheckpointException>(() => Tokenizer.Load(path));
    }

    [Fact]
    public void Load_MoreTokensThanTheModel_LeavesOutAddedOnesAndRefusesOrdinaryOnes()
    {
        string path = TokenizerFixtures.File("qwen2");
        var whole = Tokenizer.Load(path);
        Assert.True(whole.TryGetToken("<|im_end|>", out int end));
        var cut = Tokenizer.Load(path, end);
        Assert.False(cut.TryGetToken("<|im_end|>", out _));
        Assert.True(cut.TryGetToken("<|im_start|>", out _));
        Assert.Contains("of another model", Assert.Throws<CheckpointException>(() => Tokenizer.Load(path, 300)).Message);
    }

    [Fact]
    public void Load_MissingFile_SaysSo()
    {
        using var directory = new TemporaryDirectory();
        Assert.Contains("does not exist", Assert.Throws<CheckpointException>(() => Tokenizer.Load(directory.File("tokenizer.json"))).Message);
    }

    [Fact]
    public void Load_CheckpointWithTheSlowFormatOnly_SaysWhatToDo()
    {
        using var directory = new TemporaryDirectory().CopyFrom(RepositoryFiles.Reference("llama"));
        directory.Write("tokenizer.model", "");
        using var checkpoint = Checkpoint.Open(directory.Path);
        Assert.Contains("tokenizer.model", Assert.Throws<CheckpointException>(() => Tokenizer.Load(checkpoint)).Message);
    }

    [Fact]
    public void Load_TurnMarkerNotFlaggedAsSpecial_IsSpecialAllTheSame()
    {
        using var directory = new TemporaryDirectory();
        string path = directory.Write("tokenizer.json", File.ReadAllText(TokenizerFixtures.File("qwen2")).Replace("\"special\":true", "\"special\":false"));
        var tokenizer = Tokenizer.Load(path);
        Assert.DoesNotContain(tokenizer.Encode("<|im_end|>", parseSpecialTokens: false), tokenizer.IsSpecial);
        Assert.Single(tokenizer.Encode("<|im_end|>", parseSpecialTokens: true));
    }
}
