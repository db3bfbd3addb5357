using System.Text.Json.Nodes;
using Actors.Testing;

namespace Actors.Models.Tests;

public sealed class ModelConfigTests
{
    private const string Base = """
        {"model_type":"llama","hidden_size":64,"num_hidden_layers":2,"num_attention_heads":4,"intermediate_size":128,"vocab_size":100,
         "max_position_embeddings":4096,"bos_token_id":1,"eos_token_id":2}
        """;

    [Fact]
    public void Read_FieldsLeftOut_HaveTheDefaultsOfTheirFamily()
    {
        var config = Read(_ => { });
        Assert.Equal(new ModelShape(2, 64, 4, 4, 16, 128, 100), config.Shape);
        Assert.Equal((1e-6f, false, 10_000.0, 1), (config.RmsNormEpsilon, config.TiedHead, config.RopeTheta, config.BosToken));
        Assert.Equal(4096, config.TrainedWindow);
        Assert.Null(config.RopeScaling);
        Assert.Equal(128, Read(c => c["model_type"] = "qwen3").Shape.HeadDim);
        Assert.Equal(1, Read(c => c["num_key_value_heads"] = 1).Shape.KvHeads);
    }

    [Fact]
    public void Read_ArchitecturesOnly_GivesTheFamily()
    {
        var config = Read(c =>
        {
            c.Remove("model_type");
            c["architectures"] = new JsonArray("Qwen2ForCausalLM");
        });
        Assert.Equal((ModelFamily.Qwen2, true, false), (config.Family, config.QkvBias, config.OutputBias));
    }

    [Fact]
    public void Read_AttentionBias_CoversTheOutputToo()
    {
        var config = Read(c => c["attention_bias"] = true);
        Assert.Equal((true, true), (config.QkvBias, config.OutputBias));
    }

    [Fact]
    public void Read_EndTokensOfBothFiles_AreJoined()
    {
        using var directory = new TemporaryDirectory();
        directory.Write("config.json", Base);
        directory.Write("generation_config.json", """{"eos_token_id":[2,7,9]}""");
        Assert.Equal([2, 7, 9], ModelConfigReader.Read(directory.Path).EosTokens);
    }

    [Fact]
    public void TrainedWindow_ActorsFile_Wins()
    {
        using var directory = new TemporaryDirectory();
        directory.Write("config.json", Base);
        directory.Write("actors.json", """{"trained_window":512}""");
        Assert.Equal(512, ModelConfigReader.Read(directory.Path).TrainedWindow);
    }

    [Fact]
    public void SlidingWindow_EachFamily_FollowsItsOwnRule()
    {
        Assert.Null(Read(c => c["sliding_window"] = 100).SlidingWindow);
        Assert.Equal(4096, Read(Mistral).SlidingWindow);
        Assert.Null(Read(c => { Mistral(c); c["sliding_window"] = null; }).SlidingWindow);
        var sliding = Read(c => { Mistral(c); c["sliding_window"] = 1000; });
        Assert.Equal((1000, 1000), (sliding.SlidingWindow, sliding.TrainedWindow));
        Assert.Null(Read(c => { c["model_type"] = "qwen2"; c["sliding_window"] = 100; c["use_sliding_window"] = false; }).SlidingWindow);
        Assert.Equal(100, Read(c => { c["model_type"] = "qwen2"; c["sliding_window"] = 100; c["use_sliding_window"] = true; }).SlidingWindow);

        static void Mistral(JsonObject c)
        {
            c["model_type"] = "mistral";
            c["num_key_value_heads"] = 2;
        }
    }

    [Theory]
    [InlineData("""{"type":"linear","factor":4.0}""", RopeScalingKind.Linear, 4096)]
    [InlineData("""{"rope_type":"llama3","factor":8,"low_freq_factor":1,"high_freq_factor":4,"original_max_position_embeddings":1024}""", RopeScalingKind.Llama3, 1024)]
    [InlineData("""{"type":"yarn","factor":4.0}""", RopeScalingKind.Yarn, 4096)]
    [InlineData("""{"rope_type":"yarn","original_max_position_embeddings":1024}""", RopeScalingKind.Yarn, 1024)]
    public void Read_RopeScaling_InOldAndNewForm(string block, RopeScalingKind kind, int trained)
    {
        var old = Read(c => { c["rope_theta"] = 500000; c["rope_scaling"] = JsonNode.Parse(block); });
        var recent = Read(c =>
        {
            c["rope_parameters"] = JsonNode.Parse(block);
            c["rope_parameters"]!["rope_theta"] = 500000;
        });
        Assert.Equal(old, recent with { EosTokens = old.EosTokens });
        Assert.Equal((kind, trained, 500000.0), (old.RopeScaling!.Kind, old.TrainedWindow, old.RopeTheta));
        Assert.True(old.RopeScaling.Factor >= 4);
    }

    [Fact]
    public void Read_DefaultRopeParameters_ScaleNothing() =>
        Assert.Null(Read(c => c["rope_parameters"] = JsonNode.Parse("""{"rope_type":"default","rope_theta":7}""")).RopeScaling);

    [Theory]
    [InlineData("model_type", "\"gemma2\"", "'gemma2' is not supported. Supported are llama, mistral, qwen2 and qwen3")]
    [InlineData("model_type", "7", "model_type is 7, expected a string")]
    [InlineData("hidden_act", "\"gelu\"", "only silu")]
    [InlineData("mlp_bias", "true", "mlp_bias")]
    [InlineData("partial_rotary_factor", "0.5", "partial_rotary_factor is 0.5")]
    [InlineData("quantization_config", "{}", "unquantized")]
    [InlineData("hidden_size", "-1", "hidden_size is -1")]
    [InlineData("hidden_size", "\"64\"", "hidden_size is \"64\"")]
    [InlineData("hidden_size", "66", "not a multiple of num_attention_heads 4")]
    [InlineData("hidden_size", "12", "head_dim 3 is odd")]
    [InlineData("num_hidden_layers", "1e99", "num_hidden_layers is 1e99")]
    [InlineData("num_hidden_layers", "null", "num_hidden_layers is missing")]
    [InlineData("num_key_value_heads", "3", "not a multiple of num_key_value_heads 3")]
    [InlineData("eos_token_id", "100", "eos_token_id is 100")]
    [InlineData("eos_token_id", "[1,\"x\"]", "eos_token_id is")]
    [InlineData("rope_scaling", "{\"type\":\"dynamic\",\"factor\":2}", "'dynamic' is not supported. Supported are default, linear, llama3 and yarn")]
    [InlineData("rope_scaling", "{\"factor\":2}", "neither rope_type nor type")]
    [InlineData("rope_scaling", "{\"type\":\"linear\"}", "rope_scaling.factor is missing")]
    [InlineData("rope_scaling", "{\"type\":\"linear\",\"factor\":0.5}", "rope_scaling.factor is 0.5")]
    [InlineData("rope_scaling", "7", "must be a JSON object")]
    [InlineData("rope_scaling", "{\"type\":\"llama3\",\"factor\":2,\"low_freq_factor\":4,\"high_freq_factor\":4}", "must be above low_freq_factor")]
    [InlineData("rope_parameters", "{\"full_attention\":{}}", "per kind of layer")]
    public void Read_UnsupportedOrWrongValue_NamesFieldAndValue(string field, string json, string expected)
    {
        var error = Assert.Throws<CheckpointException>(() => Read(c => c[field] = JsonNode.Parse(json)));
        Assert.Contains(expected, error.Message);
        Assert.Contains("config.json", error.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[1]")]
    [InlineData("null")]
    public void Read_NotAnObject_IsAClearError(string text)
    {
        using var directory = new TemporaryDirectory();
        directory.Write("config.json", text);
        Assert.Throws<CheckpointException>(() => ModelConfigReader.Read(directory.Path));
    }

    private static ModelConfig Read(Action<JsonObject> change)
    {
        using var directory = new TemporaryDirectory();
        var config = JsonNode.Parse(Base)!.AsObject();
        change(config);
        directory.Write("config.json", config.ToJsonString());
        return ModelConfigReader.Read(directory.Path);
    }
}
