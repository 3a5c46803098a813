using System.Globalization;
using System.Net;
using System.Text;

namespace Humanitarian.LoadTests.Reports;

/// <summary>A line of a plot.</summary>
internal sealed record Line(string Name, IReadOnlyList<(double X, double Y)> Points);

/// <summary>Plots as inline SVG: no script, no file beside the page, readable in dark and light.</summary>
internal static class SvgPlot
{
    private const double Width = 480;
    private const double Height = 200;
    private const double Left = 52;
    private const double Right = 10;
    private const double Top = 22;
    private const double Bottom = 22;
    private const int YTicks = 4;
    private static readonly int[] Steps = [1, 2, 5, 10];
    private static readonly double[] LabelledPercentiles = [0, 50, 90, 99, 99.9, 99.99, 99.999];

    /// <summary>Values over time or another even axis.</summary>
    /// <param name="xTicks">Where the axis is labelled, and how.</param>
    public static string Of(string title, IReadOnlyList<Line> lines, IReadOnlyList<(double At, string Label)>? xTicks = null)
    {
        var points = lines.SelectMany(line => line.Points).ToArray();
        if (points.Length == 0)
        {
            return "";
        }

        var (first, last, most) = (points.Min(point => point.X), points.Max(point => point.X), Math.Max(NiceAbove(points.Max(point => point.Y)), 1e-9));
        double X(double x) => Left + (last > first ? (x - first) / (last - first) : 0.5) * (Width - Left - Right);
        double Y(double y) => Height - Bottom - (y / most * (Height - Top - Bottom));
        var svg = new StringBuilder();
        Add(svg, $"<figure><svg viewBox='0 0 {Width} {Height}' role='img' aria-label='{WebUtility.HtmlEncode(title)}'>");
        for (var tick = 0; tick <= YTicks; tick++)
        {
            var value = most * tick / YTicks;
            Add(svg, $"<line class='axis' x1='{Left}' x2='{Width - Right}' y1='{Y(value):0.#}' y2='{Y(value):0.#}'/><text x='{Left - 5}' y='{Y(value) + 4:0.#}' text-anchor='end'>{Short(value)}</text>");
        }

        foreach (var (at, label) in xTicks ?? Seconds(first, last))
        {
            Add(svg, $"<text x='{X(at):0.#}' y='{Height - 6}' text-anchor='middle'>{WebUtility.HtmlEncode(label)}</text>");
        }

        for (var index = 0; index < lines.Count; index++)
        {
            var path = string.Join(' ', lines[index].Points.Select((point, place) => string.Create(CultureInfo.InvariantCulture, $"{(place == 0 ? 'M' : 'L')}{X(point.X):0.#},{Y(point.Y):0.#}")));
            Add(svg, $"<path class='s{index}' d='{path}'/><text class='s{index}' x='{Left + (index * 130)}' y='12'>{WebUtility.HtmlEncode(lines[index].Name)}</text>");
        }

        return svg.Append("</svg><figcaption>").Append(WebUtility.HtmlEncode(title)).Append("</figcaption></figure>").ToString();
    }

    /// <summary>Latencies over percentiles, spread so that the tail has room: one unit for each further nine.</summary>
    public static string Percentiles(string title, IReadOnlyList<(string Name, IReadOnlyList<double[]> Curve)> curves) => Of(
        title,
        [.. curves.Select(curve => new Line(curve.Name, [.. curve.Curve.Where(point => point[0] < 100).Select(point => (Nines(point[0]), point[1]))]))],
        [.. LabelledPercentiles.Select(percentile => (Nines(percentile), percentile.ToString(CultureInfo.InvariantCulture) + " %"))]);

    /// <summary>The least of 1, 2, 5, 10, ... above a value.</summary>
    internal static double NiceAbove(double value)
    {
        if (value <= 0)
        {
            return 1;
        }

        var power = Math.Pow(10, Math.Floor(Math.Log10(value)));
        return Steps.Select(step => step * power).First(step => step >= value * (1 - 1e-12));
    }

    internal static string Short(double value) => Math.Abs(value) switch
    {
        >= 1e9 => (value / 1e9).ToString("0.##", CultureInfo.InvariantCulture) + " G",
        >= 1e6 => (value / 1e6).ToString("0.##", CultureInfo.InvariantCulture) + " M",
        >= 1e4 => (value / 1e3).ToString("0.##", CultureInfo.InvariantCulture) + " k",
        _ => value.ToString("0.###", CultureInfo.InvariantCulture),
    };

    private static double Nines(double percentile) => -Math.Log10(1 - (percentile / 100));

    private static (double, string)[] Seconds(double first, double last) =>
        [.. Enumerable.Range(0, 5).Select(index => first + ((last - first) * index / 4)).Select(at => (at, Short(Math.Round(at, 1)) + " s"))];

    private static void Add(StringBuilder svg, FormattableString text) => svg.Append(text.ToString(CultureInfo.InvariantCulture));
}
