namespace Actors.Storage;

/// <summary>Anything else that the owner wants to find again.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Content">Its content, as the owner likes.</param>
public sealed record NoteRecord(string Name, string Content) : JournalRecord
{
    internal override JournalKind Kind => JournalKind.Note;

    internal override void Write(RecordWriter writer)
    {
        writer.Text(Name);
        writer.Text(Content);
    }

    internal static NoteRecord Read(ref RecordReader reader) => new(reader.Text(), reader.Text());
}
