namespace Actors.Storage;

/// <summary>Input that was accepted.</summary>
/// <param name="Items">The items in order.</param>
public sealed record InputRecord(IReadOnlyList<JournalItem> Items) : JournalRecord
{
    internal override JournalKind Kind => JournalKind.Input;

    internal override void Write(RecordWriter writer)
    {
        writer.Number(Items.Count);
        foreach (JournalItem item in Items)
        {
            writer.Text(item.Role);
            writer.Text(item.Text);
            writer.Numbers(item.Tokens);
        }
    }

    internal static InputRecord Read(ref RecordReader reader)
    {
        // Each item takes at least three length fields.
        var items = new JournalItem[reader.Count(bytesEach: 12)];
        for (int i = 0; i < items.Length; i++) items[i] = new JournalItem(reader.Text(), reader.Text(), reader.Numbers());
        return new InputRecord(items);
    }
}
