using System.Text.Json.Serialization;

namespace Actors.Server.Api;

/// <summary>Serializers of everything that crosses HTTP, generated at build time.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.Never,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(ErrorBody))]
[JsonSerializable(typeof(ChatCompletionRequest))]
[JsonSerializable(typeof(ChatCompletion))]
[JsonSerializable(typeof(ChatCompletionChunk))]
[JsonSerializable(typeof(ModelList))]
[JsonSerializable(typeof(HealthReport))]
[JsonSerializable(typeof(ModelEntry))]
[JsonSerializable(typeof(SessionList))]
[JsonSerializable(typeof(SessionEntry))]
[JsonSerializable(typeof(SessionDeleted))]
[JsonSerializable(typeof(IngestBody))]
[JsonSerializable(typeof(IngestReport))]
[JsonSerializable(typeof(PolicyBody))]
[JsonSerializable(typeof(ReceiptBody))]
internal sealed partial class ApiJson : JsonSerializerContext;
