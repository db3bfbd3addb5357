namespace Actors.Storage;

/// <summary>A document's file is damaged.</summary>
public sealed class DocumentDamagedException : IOException
{
    internal DocumentDamagedException(string path, string cause)
        : base($"The document file '{path}' is damaged: {cause}. Restore it from a copy or delete it.")
    {
    }
}
