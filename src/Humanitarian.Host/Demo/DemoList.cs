using CsvHelper;
using Humanitarian.Api.Lists;
using Humanitarian.Host.Configuration;

namespace Humanitarian.Host.Demo;

/// <summary>The list that the demo disburses.</summary>
/// <param name="Name">What it is called in messages.</param>
/// <param name="Format">The layout, or null to have it recognised.</param>
/// <param name="DefaultAmountMinor">What each row receives when the list has no amounts.</param>
/// <param name="RaisesCap">True for lists whose largest amount is not known beforehand.</param>
internal sealed record DemoList(
    string Name, string Currency, int Exponent, string? Format, long DefaultAmountMinor, bool RaisesCap, Func<CancellationToken, Task<Stream>> OpenAsync)
{
    public const string DefaultAmount = "3000";
    public const string DefaultCurrency = "KES";

    /// <summary>Cap of one beneficiary's entitlement for foreign lists, in minor units.</summary>
    public const long RaisedCapMinor = 1_000_000_000_000_000;

    private const string Shipped = "households-10000.csv";
    private const int RowsPeeked = 20;

    /// <summary>A list that the caller has.</summary>
    public static async Task<DemoList> OfFileAsync(string path, string? format, string? currency, string amount, CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
        {
            throw new StartupFault(StartupCode.Configuration, $"--list: there is no file {Path.GetFullPath(path)}.");
        }

        var code = currency ?? await PeekCurrencyAsync(path, cancellationToken) ?? DefaultCurrency;
        return Make(Path.GetFileName(path), code, format, amount, true, _ => Task.FromResult<Stream>(File.OpenRead(path)));
    }

    /// <summary>A list of invented households, some rows of which are bad.</summary>
    public static DemoList OfGenerated(int households, string? currency, string amount)
    {
        var code = currency ?? DefaultCurrency;
        var options = new ListGeneratorOptions
        {
            Seed = households, Households = households, Duplicates = households / 2_000, BadRows = Math.Clamp(households / 100, 1, 18), Currency = code, Exponent = Currencies.ExponentOf(code),
        };
        return Make($"a made list of {households:N0} households", code, null, amount, true, async cancellationToken =>
        {
            var file = new FileStream(
                Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1 << 16, FileOptions.DeleteOnClose | FileOptions.Asynchronous);
            await ListGenerator.WriteAsync(file, options, cancellationToken);
            file.Position = 0;
            return file;
        });
    }

    /// <summary>The list that the program ships.</summary>
    public static DemoList OfShipped(string amount) => Make(Shipped, DefaultCurrency, null, amount, false, _ =>
        Task.FromResult(typeof(DemoList).Assembly.GetManifestResourceStream(Shipped)!));

    private static DemoList Make(string name, string currency, string? format, string amount, bool raisesCap, Func<CancellationToken, Task<Stream>> open)
    {
        var exponent = Currencies.ExponentOf(currency);
        return Currencies.Read(amount, exponent) is { } minor
            ? new DemoList(name, currency, exponent, format, minor, raisesCap, open)
            : throw new StartupFault(StartupCode.Configuration, $"--amount: '{amount}' is no amount in {currency}, which has {exponent} decimals.");
    }

    /// <summary>The currency of the first rows; null where the list names none or is none: the import then says what is wrong.</summary>
    private static async Task<string?> PeekCurrencyAsync(string path, CancellationToken cancellationToken)
    {
        await using var file = File.OpenRead(path);
        using var text = new StreamReader(file);
        var header = await text.ReadLineAsync(cancellationToken) ?? "";
        var separator = header.Count(c => c == ';') > header.Count(c => c == ',') ? ';' : header.Contains('\t', StringComparison.Ordinal) && !header.Contains(',', StringComparison.Ordinal) ? '\t' : ',';
        var column = Array.FindIndex(header.Split(separator), name => name.Trim('"', ' ', '\r', '\uFEFF').Equals("currency", StringComparison.OrdinalIgnoreCase));
        if (column < 0)
        {
            return null;
        }

        file.Position = 0;
        try
        {
            await using var csv = CsvReader.Create(file, new CsvReaderOptions { Separator = separator, HasHeader = true });
            for (var row = 0; row < RowsPeeked && await csv.ReadAsync(cancellationToken); row++)
            {
                if (column < csv.FieldCount && csv.GetString(column).Trim() is { Length: 3 } code && code.All(char.IsAsciiLetterUpper))
                {
                    return code;
                }
            }
        }
        catch (CsvFormatException)
        {
            return null;
        }

        return null;
    }
}
