using Actors.Models;
using Actors.Testing;

namespace Actors.Engine.Tests;

public class LoadedModelTests
{
    [Fact]
    public void Open_BundledModel_HasEverything()
    {
        using LoadedModel model = LoadedModel.Open(RepositoryFiles.BundledModel, threads: 1);

        Assert.Equal("recall-tiny", model.Id);
        Assert.True(model.HasTokenizer);
        Assert.NotEmpty(model.EndTokens);
        Assert.Equal(model.Config.Shape, model.Backend.Shape);
        Assert.Equal(model.ChatTemplate.StopTokens.Union(model.Config.EosTokens).Order(), model.EndTokens.Order());
    }

    [Fact]
    public void Open_NoTokenizer_WorksUntilTextIsNeeded()
    {
        using LoadedModel model = LoadedModel.Open(RepositoryFiles.Reference("llama"), threads: 1);

        Assert.False(model.HasTokenizer);
        Assert.Contains("tokenizer.json", Assert.Throws<ModelLoadException>(() => model.Tokenizer).Message);
        Assert.Contains("tokenizer.json", Assert.Throws<ModelLoadException>(() => model.ChatTemplate).Message);
    }

    [Fact]
    public void Open_DamagedWeights_NamesTheFile()
    {
        using var copy = new NarrowCheckpoint(trainedWindow: 96);
        string weights = Path.Combine(copy.Path, "model.safetensors");
        File.WriteAllBytes(weights, File.ReadAllBytes(weights)[..1000]);

        ModelLoadException error = Assert.Throws<ModelLoadException>(() => LoadedModel.Open(copy.Path, threads: 1));

        Assert.Contains("model.safetensors", error.Message);
        Assert.IsType<CheckpointException>(error.InnerException);
    }
}
