namespace Actors.Storage;

/// <summary>A manifest cannot be read. The journal still holds the conversation.</summary>
public sealed class ManifestDamagedException : IOException
{
    internal ManifestDamagedException(string path, string cause, Exception? inner = null)
        : base($"The manifest '{path}' is damaged: {cause}. Move it away to have the session rebuilt from its journal.", inner)
    {
    }
}
