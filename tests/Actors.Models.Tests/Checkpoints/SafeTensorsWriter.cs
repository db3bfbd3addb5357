using System.Buffers.Binary;
using System.Text;
using System.Text.Json.Nodes;

namespace Actors.Models.Tests;

/// <summary>Writes small safetensors files, well-formed or not.</summary>
internal static class SafeTensorsWriter
{
    public static void WriteRaw(string path, string header, int dataBytes)
    {
        byte[] text = Encoding.UTF8.GetBytes(header);
        var file = new byte[8 + text.Length + dataBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(file, (ulong)text.Length);
        text.CopyTo(file, 8);
        for (int i = 0; i < dataBytes; i++) file[8 + text.Length + i] = (byte)i;
        File.WriteAllBytes(path, file);
    }

    /// <summary>Cuts a single file into shards with an index, tensor by tensor in turn.</summary>
    public static void Shard(string directory, int shards)
    {
        string single = Path.Combine(directory, "model.safetensors");
        byte[] file = File.ReadAllBytes(single);
        int length = (int)BinaryPrimitives.ReadUInt64LittleEndian(file);
        var header = JsonNode.Parse(Encoding.UTF8.GetString(file, 8, length))!.AsObject();
        var map = new JsonObject();
        for (int shard = 0; shard < shards; shard++)
        {
            string name = $"model-{shard + 1:D5}-of-{shards:D5}.safetensors";
            var part = new JsonObject();
            using var data = new MemoryStream();
            int index = 0;
            foreach (var (tensor, value) in header)
            {
                if (index++ % shards != shard || tensor == "__metadata__") continue;
                int begin = (int)value!["data_offsets"]![0]!, end = (int)value["data_offsets"]![1]!;
                var entry = value.DeepClone().AsObject();
                entry["data_offsets"] = new JsonArray((int)data.Length, (int)data.Length + end - begin);
                data.Write(file, 8 + length + begin, end - begin);
                part[tensor] = entry;
                map[tensor] = name;
            }

            byte[] text = Encoding.UTF8.GetBytes(part.ToJsonString());
            using var output = File.Create(Path.Combine(directory, name));
            output.Write(BitConverter.GetBytes((ulong)text.Length));
            output.Write(text);
            data.WriteTo(output);
        }

        File.WriteAllText(Path.Combine(directory, "model.safetensors.index.json"), new JsonObject { ["weight_map"] = map }.ToJsonString());
        File.Delete(single);
    }
}
