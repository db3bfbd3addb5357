using System.Globalization;
using System.Text;

namespace Actors.Benchmarks.Indexes;

/// <summary>Draws the attention mass that indexes find against their time and against the keys that they compare.</summary>
internal static class RecallCurve
{
    private const int Width = 520, Height = 360, Left = 60, Top = 40, Bottom = 50;

    private static readonly string[] Colours = ["#555555", "#000000", "#1f77b4", "#d62728", "#ff9896", "#e377c2", "#2ca02c", "#9467bd", "#8c564b"];

    public static string Svg(IReadOnlyList<IndexRow> rows, string title)
    {
        StringBuilder svg = new();
        Line(svg, $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{2 * Width}\" height=\"{Height + 110}\" font-family=\"sans-serif\" font-size=\"12\">");
        Line(svg, $"<rect width=\"100%\" height=\"100%\" fill=\"white\"/><text x=\"{Left}\" y=\"20\" font-size=\"14\">{title}</text>");
        double least = Math.Max(0, Math.Floor(rows.Min(row => row.MassOfBest) * 20) / 20);
        Panel(svg, 0, rows, least, row => row.QueryMicroseconds, "microseconds a query, one thread");
        Panel(svg, Width, rows, least, row => row.Touched * 100, "per cent of the keys compared");
        string[] names = [.. rows.Select(row => row.Index).Distinct()];
        for (int i = 0; i < names.Length; i++)
        {
            int x = Left + (i % 4 * 230), y = Height + 40 + (i / 4 * 22);
            Line(svg, $"<circle cx=\"{x}\" cy=\"{y - 4}\" r=\"5\" fill=\"{Colours[i % Colours.Length]}\"/><text x=\"{x + 10}\" y=\"{y}\">{names[i]}</text>");
        }
        return svg.Append("</svg>\n").ToString();
    }

    private static void Panel(StringBuilder svg, int x, IReadOnlyList<IndexRow> rows, double least, Func<IndexRow, double> value, string axis)
    {
        double low = Math.Floor(Math.Log10(rows.Min(value))), high = Math.Ceiling(Math.Log10(rows.Max(value)));
        double X(double at) => x + Left + ((Math.Log10(at) - low) / (high - low) * (Width - Left - 20));
        double Y(double mass) => Top + ((1 - mass) / (1 - least) * (Height - Top - Bottom));
        for (double power = low; power <= high; power++)
        {
            string at = Number(X(Math.Pow(10, power)));
            Line(svg, $"<line x1=\"{at}\" y1=\"{Top}\" x2=\"{at}\" y2=\"{Height - Bottom}\" stroke=\"#dddddd\"/><text x=\"{at}\" y=\"{Height - Bottom + 16}\" text-anchor=\"middle\">{Math.Pow(10, power).ToString(CultureInfo.InvariantCulture)}</text>");
        }
        for (double mass = 1; mass >= least - 1e-9; mass -= 0.05)
        {
            string at = Number(Y(mass));
            Line(svg, $"<line x1=\"{x + Left}\" y1=\"{at}\" x2=\"{x + Width - 20}\" y2=\"{at}\" stroke=\"#dddddd\"/><text x=\"{x + Left - 6}\" y=\"{at}\" text-anchor=\"end\" dominant-baseline=\"middle\">{mass.ToString("F2", CultureInfo.InvariantCulture)}</text>");
        }
        Line(svg, $"<text x=\"{x + ((Width + Left) / 2)}\" y=\"{Height - Bottom + 34}\" text-anchor=\"middle\">{axis}</text>");
        string[] names = [.. rows.Select(row => row.Index).Distinct()];
        for (int i = 0; i < names.Length; i++)
        {
            IndexRow[] curve = [.. rows.Where(row => row.Index == names[i])];
            string points = string.Join(' ', curve.Select(row => $"{Number(X(value(row)))},{Number(Y(row.MassOfBest))}"));
            Line(svg, $"<polyline points=\"{points}\" fill=\"none\" stroke=\"{Colours[i % Colours.Length]}\" stroke-width=\"2\"/>");
            foreach (IndexRow row in curve)
                Line(svg, $"<circle cx=\"{Number(X(value(row)))}\" cy=\"{Number(Y(row.MassOfBest))}\" r=\"3.5\" fill=\"{Colours[i % Colours.Length]}\"/>");
        }
    }

    private static string Number(double value) => value.ToString("F1", CultureInfo.InvariantCulture);

    private static void Line(StringBuilder svg, string text) => svg.Append(text).Append('\n');
}
