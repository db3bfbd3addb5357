using System.Text.Json.Serialization;

namespace Actors.Storage;

[JsonSerializable(typeof(string[]))]
internal sealed partial class NameJson : JsonSerializerContext;
