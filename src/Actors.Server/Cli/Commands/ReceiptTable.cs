using System.Globalization;
using Actors.Grains.Abstractions;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Actors.Server.Cli;

/// <summary>Shows what an answer was drawn from.</summary>
internal static class ReceiptTable
{
    private const int MostRows = 8, MostCharacters = 100;

    public static IRenderable Of(TurnReceipt? receipt)
    {
        if (receipt is null || receipt.Spans.IsEmpty) return new Text("The answer has no receipt: nothing before the question was read for it.\n");
        Table table = new Table().Border(TableBorder.Simple);
        foreach (string column in (string[])["Rank", "Share", "Item"]) table.AddColumn(new TableColumn(column).RightAligned().NoWrap());
        table.AddColumn(new TableColumn("Role").NoWrap()).AddColumn("Looked at").AddColumn("In");
        foreach (ReceiptSpan span in receipt.Spans.Take(MostRows))
        {
            table.AddRow(
                span.Rank.ToString(CultureInfo.InvariantCulture), span.Share.ToString("P1", CultureInfo.InvariantCulture), span.Item.ToString(CultureInfo.InvariantCulture),
                Markup.Escape(span.Role), Markup.Escape(Shorten(span.Focus, 0)), Markup.Escape(Shorten(span.Text, span.Text.IndexOf(span.Focus, StringComparison.Ordinal))));
        }
        return table;
    }

    // One line of a text, with the place that matters in the middle.
    private static string Shorten(string text, int place)
    {
        int start = Math.Clamp(place - (MostCharacters / 2), 0, Math.Max(text.Length - MostCharacters, 0)), length = Math.Min(MostCharacters, text.Length - start);
        string part = text.Substring(start, length).ReplaceLineEndings(" ").Trim();
        return $"{(start > 0 ? "..." : "")}{part}{(start + length < text.Length ? "..." : "")}";
    }
}
