using System.Text.Encodings.Web;
using System.Text.Json;

namespace Actors.Server.Api;

/// <summary>The serializers as the server uses them.</summary>
internal static class WireJson
{
    /// <summary>Writes apostrophes and letters of all languages as they are: the answers are JSON, never part of a page.</summary>
    public static ApiJson Types { get; } = new(new JsonSerializerOptions(ApiJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
