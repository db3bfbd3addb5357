using System.ComponentModel.DataAnnotations;

namespace Actors.Server.Hosting;

/// <summary>
/// Settings of a silo and of its HTTP side. They come from the command line, from environment variables (<c>ACTORS_</c> and the name of
/// the property, as in <c>ACTORS_DATA</c>) and from defaults, in this order. <see cref="ServerOptionsValidator"/> reports every failure at once.
/// </summary>
public sealed class ServerOptions
{
    /// <summary>Directory of the checkpoint: config.json, safetensors, tokenizer.json.</summary>
    /// <value>A path; null for the model that comes with the program. Default null.</value>
    public string? Model { get; set; }

    /// <summary>Data folder: journals, pages, manifests. One process owns it at a time.</summary>
    /// <value>A path. Default: <c>actors</c> in the user's local application data.</value>
    public string Data { get; set; } = DefaultData;

    /// <summary>Address that the HTTP side binds to. Port 0 takes a free one.</summary>
    /// <value>An http URL with a host and a port. Default http://127.0.0.1:8080. Any address but loopback needs <see cref="ApiKeys"/>.</value>
    public string Url { get; set; } = "http://127.0.0.1:8080";

    /// <summary>API keys and the tenants that they open.</summary>
    /// <value>Key to tenant. Default none: then only loopback is served, as tenant <c>default</c>.</value>
    public Dictionary<string, string> ApiKeys { get; } = new(StringComparer.Ordinal);

    /// <summary>File with more API keys: lines of <c>tenant key</c>; empty lines and lines that begin with # are skipped.</summary>
    /// <value>A path, or null. Default null.</value>
    public string? ApiKeyFile { get; set; }

    /// <summary>Tenant of callers without a key on loopback, and of the command line.</summary>
    /// <value>A name. Default <c>default</c>.</value>
    public string Tenant { get; set; } = "default";

    /// <summary>Threads that compute.</summary>
    /// <value>1 to 256; 0 for one per core. Default 0.</value>
    [Range(0, 256)] public int Threads { get; set; }

    /// <summary>Attention policy of new sessions.</summary>
    /// <value>A name, perhaps with options: <c>auto</c>, <c>dense</c>, <c>blocks:window=1024</c> and so on. Default <c>auto</c>.</value>
    public string Policy { get; set; } = "auto";

    /// <summary>Element type of stored keys and values.</summary>
    /// <value><c>float16</c>, <c>bfloat16</c> or <c>float32</c>. Default <c>float16</c>.</value>
    public string KvFormat { get; set; } = "float16";

    /// <summary>Memory for keys and values of all sessions together; what does not fit is read from disk.</summary>
    /// <value>Bytes, 16 MiB to 16 TiB. Default 1 GiB.</value>
    [Range(16L << 20, 1L << 44)] public long KvBudgetBytes { get; set; } = 1L << 30;

    /// <summary>Turns that may wait for the engine before new ones are refused.</summary>
    /// <value>1 to 65,536. Default 256.</value>
    [Range(1, 65_536)] public int QueueLimit { get; set; } = 256;

    /// <summary>Longest answer when a request does not say.</summary>
    /// <value>Tokens, 1 to 1,048,576. Default 512.</value>
    [Range(1, 1 << 20)] public int DefaultMaxNewTokens { get; set; } = 512;

    /// <summary>Most tokens that one session may hold.</summary>
    /// <value>Tokens, 64 to 2,000,000,000. Default 100,000,000.</value>
    [Range(64, 2_000_000_000)] public int MaxSessionTokens { get; set; } = 100_000_000;

    /// <summary>Chat template in place of the checkpoint's own.</summary>
    /// <value><c>chatml</c>, <c>llama3</c>, <c>llama2</c> ...; null to let the checkpoint decide. Default null.</value>
    public string? Template { get; set; }

    /// <summary>How long a session stays in memory after its last call.</summary>
    /// <value>Seconds, 1 to 86,400. Default 900.</value>
    [Range(1, 86_400)] public int IdleSeconds { get; set; } = 900;

    /// <summary>Largest request body.</summary>
    /// <value>MiB, 1 to 90. Default 32.</value>
    [Range(1, 90)] public int MaxRequestMiB { get; set; } = 32;

    /// <summary>Tokens of a long ingest after which its pages are saved and the manifest is committed.</summary>
    /// <value>Tokens, 64 to 1,048,576. Default 8192.</value>
    [Range(64, 1 << 20)] public int CheckpointTokens { get; set; } = 8192;

    /// <summary>Whether every answer in a session keeps a receipt of what it was drawn from, and not only those that are asked to.</summary>
    /// <value>Default false.</value>
    public bool Receipts { get; set; }

    /// <summary>Share of decoded tokens that are compared with exact attention.</summary>
    /// <value>0 to 1. Default 0.002.</value>
    [Range(0.0, 1.0)] public double FidelityRate { get; set; } = 0.002;

    /// <summary>The data folder that is used when none is named.</summary>
    public static string DefaultData { get; } = Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "actors");
}
