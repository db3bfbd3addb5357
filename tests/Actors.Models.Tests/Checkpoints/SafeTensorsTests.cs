using Actors.Kernels;
using Actors.Testing;

namespace Actors.Models.Tests;

public sealed class SafeTensorsTests
{
    private const string Good = """{"a":{"dtype":"BF16","shape":[2,3],"data_offsets":[0,12]},"b":{"dtype":"F32","shape":[],"data_offsets":[12,16]},"c":{"dtype":"I64","shape":[1],"data_offsets":[16,24]},"__metadata__":{"format":"pt"}}""";

    [Fact]
    public void TryGet_WellFormedFile_GivesTypeShapeAndBytesInPlace()
    {
        using var directory = new TemporaryDirectory();
        SafeTensorsWriter.WriteRaw(directory.File("model.safetensors"), Good, 24);
        using var tensors = SafeTensors.Open(directory.Path);

        Assert.True(tensors.TryGet("a", out var a));
        Assert.Equal((WeightType.BFloat16, 2, 3, 12L), (a.Type, a.Rows, a.Columns, a.Bytes));
        Assert.Equal(Enumerable.Range(0, 12).Select(i => (byte)i), a.Data.ToArray());
        Assert.True(tensors.TryGet("b", out var b));
        Assert.Equal((WeightType.Float32, 1, 1, (byte)12), (b.Type, b.Rows, b.Columns, b.Data[0]));
        Assert.False(tensors.TryGet("d", out _));
        Assert.Equal(["a", "b", "c"], tensors.Names.Order());
    }

    [Fact]
    public void TryGet_ElementTypeThatIsNotRead_NamesTensorAndType()
    {
        using var directory = new TemporaryDirectory();
        SafeTensorsWriter.WriteRaw(directory.File("model.safetensors"), Good, 24);
        using var tensors = SafeTensors.Open(directory.Path);
        var error = Assert.Throws<CheckpointException>(() => tensors.TryGet("c", out _));
        Assert.Contains("'c' has dtype I64", error.Message);
    }

    [Theory]
    [InlineData("[]", "not a JSON object")]
    [InlineData("{\"a\":1}", "without dtype")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]}}", "without dtype")]
    [InlineData("{\"a\":{\"dtype\":\"F31\",\"shape\":[1],\"data_offsets\":[0,4]}}", "unknown dtype 'F31'")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}", "dimension -1")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[99999999999],\"data_offsets\":[0,4]}}", "dimension 99999999999")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1.5],\"data_offsets\":[0,4]}}", "dimension 1.5")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[2147483647,2147483647,2147483647],\"data_offsets\":[0,4]}}", "expected")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}", "in 4 bytes, expected 8")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}", "outside")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[8],\"data_offsets\":[0,32]}}", "outside")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[-4,0]}}", "outside")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[2,6]}}", "overlapping tensors 'a' and 'b'")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", "a second time")]
    [InlineData("{\"\\ud800\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", "cannot be read")]
    [InlineData("{\"a\":{\"dtype\":\"F32\"", "not valid JSON")]
    public void Open_BadHeader_SaysWhat(string header, string expected)
    {
        using var directory = new TemporaryDirectory();
        SafeTensorsWriter.WriteRaw(directory.File("model.safetensors"), header, 16);
        var error = Assert.Throws<CheckpointException>(() => SafeTensors.Open(directory.Path));
        Assert.Contains(expected, error.Message);
        Assert.Contains("model.safetensors", error.Message);
    }

    [Fact]
    public void Open_EveryTruncation_IsAnError()
    {
        using var directory = new TemporaryDirectory();
        string path = directory.File("model.safetensors");
        SafeTensorsWriter.WriteRaw(path, Good, 24);
        byte[] whole = File.ReadAllBytes(path);
        for (int length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(path, whole[..length]);
            Assert.Throws<CheckpointException>(() => SafeTensors.Open(directory.Path));
        }
    }

    [Fact]
    public void Open_AnyDamagedByte_OpensOrIsAClearError()
    {
        using var directory = new TemporaryDirectory();
        string path = directory.File("model.safetensors");
        SafeTensorsWriter.WriteRaw(path, Good, 24);
        byte[] whole = File.ReadAllBytes(path);
        var random = new Random(7);
        int refused = 0;
        for (int at = 0; at < whole.Length - 24; at++)
        {
            byte[] damaged = [.. whole];
            damaged[at] ^= (byte)random.Next(1, 256);
            File.WriteAllBytes(path, damaged);
            try
            {
                using var tensors = SafeTensors.Open(directory.Path);
            }
            catch (CheckpointException)
            {
                refused++;
            }
        }

        Assert.True(refused > 100, $"only {refused} damaged files were refused");
    }

    [Fact]
    public void Open_NoWeights_NamesBothFiles()
    {
        using var directory = new TemporaryDirectory();
        var error = Assert.Throws<CheckpointException>(() => SafeTensors.Open(directory.Path));
        Assert.Contains("model.safetensors nor model.safetensors.index.json", error.Message);
    }

    [Theory]
    [InlineData("../other.safetensors")]
    [InlineData("/etc/passwd")]
    [InlineData("..")]
    [InlineData("")]
    public void Open_ShardOutsideOfTheDirectory_IsRefused(string shard)
    {
        using var directory = new TemporaryDirectory();
        directory.Write("model.safetensors.index.json", $$$"""{"weight_map":{"a":"{{{shard}}}"}}""");
        var error = Assert.Throws<CheckpointException>(() => SafeTensors.Open(directory.Path));
        Assert.Contains("a file in the same directory", error.Message);
    }

    [Fact]
    public void Open_IndexOfOtherShards_NamesTheTensor()
    {
        using var directory = new TemporaryDirectory();
        SafeTensorsWriter.WriteRaw(directory.File("one.safetensors"), Good, 24);
        directory.Write("model.safetensors.index.json", """{"weight_map":{"a":"one.safetensors","z":"one.safetensors"}}""");
        var error = Assert.Throws<CheckpointException>(() => SafeTensors.Open(directory.Path));
        Assert.Contains("tensor 'z' is in one.safetensors", error.Message);
    }

    [Fact]
    public void Open_MissingShard_NamesIt()
    {
        using var directory = new TemporaryDirectory();
        directory.Write("model.safetensors.index.json", """{"weight_map":{"a":"gone.safetensors"}}""");
        var error = Assert.Throws<CheckpointException>(() => SafeTensors.Open(directory.Path));
        Assert.Contains("gone.safetensors", error.Message);
    }
}
