using System.Text.Json.Nodes;
using Actors.Testing;

namespace Actors.Models.Tests;

public sealed class CheckpointTests
{
    public static TheoryData<string, ModelFamily> References => new()
    {
        { "linear", ModelFamily.Llama }, { "llama", ModelFamily.Llama }, { "llama3scaled", ModelFamily.Llama },
        { "mistral", ModelFamily.Mistral }, { "qwen2", ModelFamily.Qwen2 }, { "qwen3", ModelFamily.Qwen3 }, { "yarn", ModelFamily.Qwen2 },
    };

    [Theory]
    [MemberData(nameof(References))]
    public void Open_ReferenceCheckpoint_HasFamilyAndAllTensors(string name, ModelFamily family)
    {
        using var checkpoint = Checkpoint.Open(RepositoryFiles.Reference(name));
        Assert.Equal(family, checkpoint.Config.Family);
        Assert.Equal(name, checkpoint.Name);
        Assert.Equal((3, 64, 4, 2, 176, 320), (checkpoint.Config.Shape.Layers, checkpoint.Config.Shape.HiddenSize, checkpoint.Config.Shape.QueryHeads,
            checkpoint.Config.Shape.KvHeads, checkpoint.Config.Shape.FfnSize, checkpoint.Config.Shape.VocabularySize));
        Assert.Equal(family is ModelFamily.Qwen2, checkpoint.Config.QkvBias);
        Assert.Equal(family is ModelFamily.Qwen3, checkpoint.Config.QkNorm);
    }

    [Fact]
    public void Open_BundledModel_KnowsItsTrainedWindow()
    {
        using var checkpoint = Checkpoint.Open(RepositoryFiles.BundledModel);
        Assert.Equal(ModelFamily.Llama, checkpoint.Config.Family);
        Assert.InRange(checkpoint.Config.TrainedWindow, 1, checkpoint.Config.MaxPositions - 1);
    }

    [Fact]
    public void Fingerprint_ShardedCopy_IsEqual()
    {
        using var directory = new TemporaryDirectory().CopyFrom(RepositoryFiles.Reference("qwen3"));
        using var original = Checkpoint.Open(RepositoryFiles.Reference("qwen3"));
        SafeTensorsWriter.Shard(directory.Path, 3);
        using var sharded = Checkpoint.Open(directory.Path);
        Assert.Equal(3, sharded.Tensors.Files.Count);
        Assert.Equal(original.Fingerprint, sharded.Fingerprint);
        Assert.Matches("^[0-9a-f]{64}$", original.Fingerprint);
    }

    [Fact]
    public void Fingerprint_OtherWeightsOrConfiguration_Differs()
    {
        using var original = Checkpoint.Open(RepositoryFiles.Reference("llama"));
        using var weights = new TemporaryDirectory().CopyFrom(RepositoryFiles.Reference("llama"));
        byte[] file = File.ReadAllBytes(weights.File("model.safetensors"));
        file[^1] ^= 1;
        File.WriteAllBytes(weights.File("model.safetensors"), file);
        using var changed = Checkpoint.Open(weights.Path);
        Assert.NotEqual(original.Fingerprint, changed.Fingerprint);

        using var config = new TemporaryDirectory().CopyFrom(RepositoryFiles.Reference("llama"));
        config.Write("config.json", File.ReadAllText(config.File("config.json")).Replace("10000.0", "10001.0"));
        using var other = Checkpoint.Open(config.Path);
        Assert.NotEqual(original.Fingerprint, other.Fingerprint);
    }

    [Theory]
    [InlineData("num_hidden_layers", 4, "model.layers.3.input_layernorm.weight' [64] is missing")]
    [InlineData("vocab_size", 321, "has shape [320, 64], but config.json asks for [321, 64]")]
    [InlineData("intermediate_size", 177, "mlp.gate_proj.weight' has shape [176, 64]")]
    public void Open_WeightsOfAnotherConfiguration_NamesTheTensor(string field, int value, string expected)
    {
        using var directory = new TemporaryDirectory().CopyFrom(RepositoryFiles.Reference("llama"));
        var config = JsonNode.Parse(File.ReadAllText(directory.File("config.json")))!;
        config[field] = value;
        directory.Write("config.json", config.ToJsonString());
        var error = Assert.Throws<CheckpointException>(() => Checkpoint.Open(directory.Path));
        Assert.Contains(expected, error.Message);
    }

    [Fact]
    public void Open_UntiedWithoutHead_NamesTheHead()
    {
        using var directory = new TemporaryDirectory().CopyFrom(RepositoryFiles.Reference("qwen2"));
        directory.Write("config.json", File.ReadAllText(directory.File("config.json")).Replace("\"tie_word_embeddings\": true", "\"tie_word_embeddings\": false"));
        var error = Assert.Throws<CheckpointException>(() => Checkpoint.Open(directory.Path));
        Assert.Contains("lm_head.weight", error.Message);
    }

    [Fact]
    public void Open_MissingDirectory_SaysSo()
    {
        var error = Assert.Throws<CheckpointException>(() => Checkpoint.Open("/nowhere/at/all"));
        Assert.Contains("does not exist", error.Message);
    }
}
