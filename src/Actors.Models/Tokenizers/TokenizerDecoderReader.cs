using System.Text.Json;

namespace Actors.Models;

/// <summary>Reads the <c>decoder</c> of a tokenizer file.</summary>
internal static class TokenizerDecoderReader
{
    private const string Supported = "Supported are ByteLevel, Metaspace, and sequences of Replace, ByteFallback, Fuse, Strip, ByteLevel and Metaspace.";

    public static TokenizerDecoder Read(JsonFields root, bool byteLevel)
    {
        var decoder = new TokenizerDecoder(byteLevel, null, false, false);
        if (root.Object("decoder") is not { } fields) return decoder;
        if (fields.OptionalString("type") != "Sequence") return Add(decoder, fields);
        if (!fields.TryGet("decoders", out var list) || list.ValueKind != JsonValueKind.Array) throw fields.Refuse("decoder.decoders must be a list.");
        foreach (var item in list.EnumerateArray()) decoder = Add(decoder, root.Nested(item, "decoder.decoders."));
        return decoder;
    }

    private static TokenizerDecoder Add(TokenizerDecoder decoder, JsonFields fields)
    {
        switch (fields.OptionalString("type"))
        {
            case "ByteLevel":
                return decoder with { ByteLevel = true };
            case "ByteFallback":
                return decoder with { ByteFallback = true };
            case "Fuse":
                return decoder;
            case "Metaspace":
                return decoder with
                {
                    SpaceMark = TokenizerPipelineReader.ReadMark(fields),
                    StripsLeadingSpace = TokenizerPipelineReader.ReadPrefix(fields) != MetaspacePrefix.Never,
                };
            case "Replace" when fields.Object("pattern")?.OptionalString("String") is { Length: 1 } mark && fields.OptionalString("content") == " ":
                return decoder with { SpaceMark = mark[0] };
            case "Strip" when fields.OptionalString("content") == " " && fields.Int("start", 0, 1, 0) is var start && fields.Int("stop", 0, 0, 0) == 0:
                return decoder with { StripsLeadingSpace = start == 1 };
            default:
                throw fields.Refuse($"decoder {Shorten(fields.Element)} is not supported. {Supported}");
        }
    }

    private static string Shorten(JsonElement element)
    {
        string text = element.GetRawText();
        return text.Length > 120 ? text[..120] + "..." : text;
    }
}
