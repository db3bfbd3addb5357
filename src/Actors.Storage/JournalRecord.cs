namespace Actors.Storage;

/// <summary>One entry of a session's journal. Immutable; the arrays are not copied, nobody changes them.</summary>
public abstract record JournalRecord
{
    private protected JournalRecord()
    {
    }

    internal abstract JournalKind Kind { get; }

    internal abstract void Write(RecordWriter writer);
}
