using System.Globalization;
using System.Net;
using System.Text;

namespace Actors.Server.Evaluation;

/// <summary>One line of a chart.</summary>
/// <param name="Name">Name in the legend.</param>
/// <param name="Points">Points by rising X; an error bar where the deviation is above 0.</param>
internal sealed record ChartSeries(string Name, IReadOnlyList<(double X, double Y, double Deviation)> Points);

/// <summary>A line chart over a logarithmic axis, as SVG. Equal charts give equal text.</summary>
/// <param name="Title">Heading.</param>
/// <param name="XLabel">What the X axis counts, above 0.</param>
/// <param name="YLabel">What the Y axis counts.</param>
/// <param name="Series">The lines.</param>
internal sealed record SvgChart(string Title, string XLabel, string YLabel, IReadOnlyList<ChartSeries> Series)
{
    private const int Width = 860, Left = 64, Top = 40, PlotWidth = 540, PlotHeight = 300, LegendLine = 18, Bottom = 50;

    private static readonly string[] Colors =
        ["#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#17becf", "#8c564b", "#e377c2", "#7f7f7f", "#bcbd22", "#005f73", "#9b2226"];

    /// <summary>Upper end of the Y axis; null to fit it to the points.</summary>
    public double? Highest { get; init; }

    /// <summary>Whether the Y axis is logarithmic too; then only points above 0 are drawn.</summary>
    public bool IsLogarithmic { get; init; }

    /// <summary>The document.</summary>
    public override string ToString()
    {
        var all = Series.SelectMany(series => series.Points).Where(point => !IsLogarithmic || point.Y > 0).ToArray();
        if (all.Length == 0) throw new InvalidOperationException($"The chart '{Title}' has no points.");
        double[] xs = [.. all.Select(point => point.X).Distinct().Order()];
        double[] ticks = IsLogarithmic ? Decades(all.Min(point => point.Y), all.Max(point => point.Y)) : EvenTicks(Highest ?? all.Max(point => point.Y + point.Deviation));

        double X(double x) => Left + (xs.Length == 1 ? 0.5 : (Math.Log(x) - Math.Log(xs[0])) / (Math.Log(xs[^1]) - Math.Log(xs[0]))) * PlotWidth;
        double Scale(double y) => IsLogarithmic ? Math.Log(y) : y;
        double Y(double y) => Top + PlotHeight - ((Scale(y) - Scale(ticks[0])) / (Scale(ticks[^1]) - Scale(ticks[0])) * PlotHeight);

        int height = Math.Max(Top + PlotHeight + Bottom, Top + (Series.Count * LegendLine) + 10);
        var svg = new StringBuilder();
        Append(svg, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {height}\" width=\"{Width}\" height=\"{height}\" font-family=\"sans-serif\" font-size=\"12\">");
        Append(svg, $"<rect width=\"{Width}\" height=\"{height}\" fill=\"#ffffff\"/>");
        Append(svg, $"<text x=\"{Left}\" y=\"22\" font-size=\"15\" font-weight=\"bold\">{WebUtility.HtmlEncode(Title)}</text>");
        foreach (double tick in ticks)
        {
            Append(svg, $"<line x1=\"{Left}\" x2=\"{Left + PlotWidth}\" y1=\"{Y(tick):0.#}\" y2=\"{Y(tick):0.#}\" stroke=\"#dddddd\"/>");
            Append(svg, $"<text x=\"{Left - 6}\" y=\"{Y(tick) + 4:0.#}\" text-anchor=\"end\">{tick:0.###}</text>");
        }
        foreach (double x in xs)
        {
            Append(svg, $"<line x1=\"{X(x):0.#}\" x2=\"{X(x):0.#}\" y1=\"{Top + PlotHeight}\" y2=\"{Top + PlotHeight + 5}\" stroke=\"#333333\"/>");
            Append(svg, $"<text x=\"{X(x):0.#}\" y=\"{Top + PlotHeight + 20}\" text-anchor=\"middle\">{x:#,0}</text>");
        }
        Append(svg, $"<rect x=\"{Left}\" y=\"{Top}\" width=\"{PlotWidth}\" height=\"{PlotHeight}\" fill=\"none\" stroke=\"#333333\"/>");
        Append(svg, $"<text x=\"{Left + (PlotWidth / 2)}\" y=\"{Top + PlotHeight + 40}\" text-anchor=\"middle\">{WebUtility.HtmlEncode(XLabel)}</text>");
        Append(svg, $"<text x=\"16\" y=\"{Top + (PlotHeight / 2)}\" text-anchor=\"middle\" transform=\"rotate(-90 16 {Top + (PlotHeight / 2)})\">{WebUtility.HtmlEncode(YLabel)}</text>");
        foreach ((int i, ChartSeries series) in Series.Index()) AppendSeries(svg, series, i, X, Y);
        return svg.Append("</svg>\n").ToString();
    }

    private void AppendSeries(StringBuilder svg, ChartSeries series, int index, Func<double, double> x, Func<double, double> y)
    {
        string color = Colors[index % Colors.Length];
        string dashes = index < Colors.Length ? "" : " stroke-dasharray=\"5 3\"";
        var points = series.Points.Where(point => !IsLogarithmic || point.Y > 0).ToArray();
        if (points.Length > 1)
        {
            string path = string.Join(' ', points.Select(point => string.Create(CultureInfo.InvariantCulture, $"{x(point.X):0.#},{y(point.Y):0.#}")));
            Append(svg, $"<polyline points=\"{path}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"2\"{dashes}/>");
        }
        foreach ((double px, double py, double deviation) in points)
        {
            if (deviation > 0 && !IsLogarithmic)
                Append(svg, $"<line x1=\"{x(px):0.#}\" x2=\"{x(px):0.#}\" y1=\"{Math.Max(Top, y(py + deviation)):0.#}\" y2=\"{Math.Min(Top + PlotHeight, y(py - deviation)):0.#}\" stroke=\"{color}\"/>");
            Append(svg, $"<circle cx=\"{x(px):0.#}\" cy=\"{y(py):0.#}\" r=\"3.5\" fill=\"{color}\"/>");
        }
        int line = Top + 10 + (index * LegendLine), legend = Left + PlotWidth + 16;
        Append(svg, $"<line x1=\"{legend}\" x2=\"{legend + 22}\" y1=\"{line}\" y2=\"{line}\" stroke=\"{color}\" stroke-width=\"2\"{dashes}/>");
        Append(svg, $"<text x=\"{legend + 28}\" y=\"{line + 4}\">{WebUtility.HtmlEncode(series.Name)}</text>");
    }

    /// <summary>Four to ten even steps from 0 to at least the highest value.</summary>
    private static double[] EvenTicks(double highest)
    {
        double rough = Math.Max(1e-9, highest) / 5, power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        double step = ((double[])[1, 2, 5, 10]).First(factor => factor * power >= rough * 0.999999) * power;
        return [.. Enumerable.Range(0, (int)Math.Ceiling((highest / step) - 1e-6) + 1).Select(i => i * step)];
    }

    private static double[] Decades(double least, double most)
    {
        int from = (int)Math.Floor(Math.Log10(least)), to = Math.Max(from + 1, (int)Math.Ceiling(Math.Log10(most)));
        return [.. Enumerable.Range(from, to - from + 1).Select(power => Math.Pow(10, power))];
    }

    private static void Append(StringBuilder svg, FormattableString line) => svg.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
