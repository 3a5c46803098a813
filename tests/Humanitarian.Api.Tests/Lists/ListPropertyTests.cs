using System.Text;
using CsCheck;
using Humanitarian.Api.Lists;

namespace Humanitarian.Api.Tests.Lists;

/// <summary>CsCheck prints the seed of a case that fails.</summary>
public sealed class ListPropertyTests
{
    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private sealed record Household(string Id, int Size, long AmountMinor, string Phone, string NationalId, string Name, string Site);

    private static readonly Gen<string> Text = Gen.OneOf(
        Gen.String[Gen.Char["abcDEF éü؟ß漢,;\"'.|\t"], 0, 12],
        Gen.Const("two\nlines"), Gen.Const("two\r\nlines"), Gen.Const("\"quoted\""), Gen.Const("-"), Gen.Const("@home"));

    private static readonly Gen<List<Household>> Households =
        Gen.Select(Gen.Int[1, 99], Gen.Long[1, 1_000_000_000], Text, Text.Where(s => s.Length < 90))
            .List[1, 30]
            .Select(rows => rows.Select((r, i) => new Household(
                $"HH-{i}", r.Item1, r.Item2, $"+2549{i:D7}1", $"XX{i}", r.Item3, r.Item4)).ToList());

    private sealed record Layout(char Separator, bool Mark, string NewLine, bool QuoteAll, bool EndsWithNewLine);

    private static readonly Gen<Layout> Layouts = Gen.Select(
        Gen.Char[",;\t"], Gen.Bool, OneOf("\n", "\r\n"), Gen.Bool, Gen.Bool,
        (separator, mark, newLine, quoteAll, end) => new Layout(separator, mark, newLine, quoteAll, end));

    private static readonly string[] Header = ["household_id", "size", "amount", "phone", "national_id", "collector_name", "site"];

    private static string[] Cells(Household h) =>
        [h.Id, $"{h.Size}", $"{h.AmountMinor / 100}.{h.AmountMinor % 100:D2}", h.Phone, h.NationalId, h.Name, h.Site];

    private static byte[] Write(IEnumerable<string[]> rows, Layout layout)
    {
        string Cell(string text) => layout.QuoteAll || text.Any("\"\r\n,;\t".Contains)
            ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\""
            : text;
        string list = string.Join(layout.NewLine, rows.Prepend(Header).Select(r => string.Join(layout.Separator, r.Select(Cell))));
        return Encoding.UTF8.GetBytes((layout.Mark ? "\uFEFF" : "") + list + (layout.EndsWithNewLine ? layout.NewLine : ""));
    }

    /// <summary>The line on which each row starts: every break counts, those in quotes too.</summary>
    private static List<long> Lines(List<string[]> rows)
    {
        var lines = new List<long>();
        long line = 2;
        foreach (string[] row in rows)
        {
            lines.Add(line);
            line += 1 + row.Sum(cell => cell.Count(c => c == '\n'));
        }

        return lines;
    }

    [Fact]
    public Task Good_list_reads_back_exactly_in_every_layout() =>
        Gen.Select(Households, Layouts).SampleAsync(async (households, layout) =>
        {
            List<string[]> cells = [.. households.Select(Cells)];
            (ListSummary summary, List<ListRow> rows) = await ListFiles.ReadAsync(Write(cells, layout));
            Assert.Empty(summary.Errors);
            Assert.Equal(households.Select(h => (h.Id, h.AmountMinor, (int?)h.Size, (string?)h.Phone, h.Site.Trim())),
                rows.Select(r => (r.ReferenceId, r.AmountMinor, r.HouseholdSize, r.Phone, r.Site ?? "")));
            Assert.Equal(Lines(cells), rows.Select(r => r.Line));
            Assert.Equal(households.Select(h => h.NationalId), rows.Select(r => r.Identifiers[^1].Value));
            Assert.Equal(households.Sum(h => h.AmountMinor), summary.TotalMinor);
        }, iter: 2_000);

    /// <summary>Column, value put there (from the good one), and the code it must get.</summary>
    private static readonly (int Column, Func<string, string> Damage, string Code)[] Damages =
    [
        (0, _ => "", ListCodes.IdMissing),
        (0, _ => "1.234E+12", ListCodes.IdScientific),
        (0, _ => new string('x', 65), ListCodes.IdTooLong),
        (0, _ => "17.0", ListCodes.IdTrailingDecimal),
        (1, _ => "0", ListCodes.SizeInvalid),
        (1, good => good + ".0", ListCodes.SizeInvalid),
        (2, good => "-" + good, ListCodes.AmountNegative),
        (2, good => good.Replace('.', ','), ListCodes.AmountDecimalComma),
        (2, good => good + "1", ListCodes.AmountTooPrecise),
        (2, good => "$" + good, ListCodes.AmountCurrencySign),
        (2, _ => "0.00", ListCodes.AmountZero),
        (2, _ => "9" + new string('9', 18), ListCodes.AmountOverflow),
        (2, _ => "#VALUE!", ListCodes.SpreadsheetError),
        (3, _ => "2.54908E+11", ListCodes.PhoneScientific),
        (3, good => good[4..], ListCodes.PhoneLeadingZeroLost),
        (3, good => "0" + good[4..], ListCodes.PhoneNational),
        (3, good => good[1..] + ".0", ListCodes.PhoneTrailingDecimal),
        (3, good => good[..^6], ListCodes.PhoneInvalid),
        (4, _ => "2.9E+07", ListCodes.IdScientific),
        (5, _ => "=HYPERLINK(\"http://x\")", ListCodes.Formula),
        (6, _ => "+cmd|' /C calc'!A0", ListCodes.Formula),
        (6, _ => new string('s', 101), ListCodes.SiteTooLong),
    ];

    [Fact]
    public Task One_damage_refuses_exactly_its_row() =>
        Gen.Select(Households, Layouts, Gen.Int[0, Damages.Length - 1], Gen.Int[0, 1_000_000]).SampleAsync(async (households, layout, which, where) =>
        {
            (int column, Func<string, string> damage, string code) = Damages[which];
            List<string[]> cells = [.. households.Select(Cells)];
            int row = where % cells.Count;
            cells[row][column] = damage(cells[row][column]);
            (ListSummary summary, List<ListRow> rows) = await ListFiles.ReadAsync(Write(cells, layout));
            Assert.Null(summary.Refusal);
            ListError error = Assert.Single(summary.Errors);
            Assert.Equal((Lines(cells)[row], Header[column], code), (error.Line, error.Column, error.Code));
            Assert.Equal(households.Where((_, i) => i != row).Select(h => h.Phone), rows.Select(r => r.Phone));
            Assert.Equal((cells.Count - 1L, 1L), (summary.RowsGood, summary.RowsRefused));
        }, iter: 2_000);

    [Fact]
    public Task Repeated_identifier_refuses_exactly_the_later_row() =>
        Gen.Select(Households.Where(x => x.Count > 1), Layouts, OneOf(0, 3, 4), Gen.Int[0, 1_000_000], Gen.Int[0, 1_000_000])
            .SampleAsync(async (households, layout, column, a, b) =>
            {
                List<string[]> cells = [.. households.Select(Cells)];
                int later = 1 + (a % (cells.Count - 1));
                int first = b % later;
                cells[later][column] = cells[first][column];
                (ListSummary summary, _) = await ListFiles.ReadAsync(Write(cells, layout));
                ListError error = Assert.Single(summary.Errors);
                Assert.Equal((Lines(cells)[later], ListCodes.DuplicateInList), (error.Line, error.Code));
                Assert.Contains($"line {Lines(cells)[first]}:", error.Reason, StringComparison.Ordinal);
            }, iter: 1_000);

    [Fact]
    public Task Random_bytes_never_throw_and_never_show_an_identifier() =>
        Gen.Select(
            OneOf("", "household_id,size,amount,phone\n", "phone,id,amount,verification\n",
                "phoneNumber;paymentAmountMultiplier;birthdate\n", "payment_id,household_id,entitlement_quantity\n"),
            Gen.OneOf(
                Gen.Byte.Array[0, 400],
                Gen.Char["0123456789+-.,;\"\n\rE/=# aé"].Array[0, 400].Select(c => Encoding.UTF8.GetBytes(c))))
            .SampleAsync(async (header, bytes) =>
            {
                (ListSummary summary, List<ListRow> rows) = await ListFiles.ReadAsync([.. Encoding.UTF8.GetBytes(header), .. bytes]);
                Assert.Equal(rows.Count, summary.RowsGood);
                Assert.Equal(rows.Sum(r => r.AmountMinor), summary.TotalMinor);
                Assert.True(summary.Refusal is not null || summary.RowsGood + summary.RowsRefused > 0);
                Assert.All(summary.Errors, e => Assert.True(e.MaskedValue.Count(char.IsDigit) <= 7, e.Code));
            }, iter: 20_000);

    [Fact]
    public Task Random_cells_of_every_layout_never_throw() =>
        Gen.Select(
            OneOf("household_id,size,amount,currency,phone,email,national_id,site,birth_date", "phone,email,id,amount,verification,paymentID",
                "referenceId,phoneNumber,email,nationalId,paymentAmountMultiplier,totalHHSize,scope,birthdate",
                "payment_id,household_id,individual_id,entitlement_quantity,currency,household_size,village,national_id"),
            Gen.OneOf(Gen.String[Gen.Char["0123456789+-.E/ ()#=a@'\u2212\u0661\u00A0"], 0, 20], Gen.String[0, 6]).Array[9].List[1, 4],
            Gen.Bool)
            .SampleAsync(async (header, rows, region) =>
            {
                int width = header.Split(',').Length;
                string Cell(string text) => $"\"{new string([.. text.Select(c => c is '\0' || char.IsSurrogate(c) ? '?' : c)]).Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
                string list = header + "\n" + string.Join('\n', rows.Select(r => string.Join(',', r.Take(width).Select(Cell)))) + "\n";
                (ListSummary summary, _) = await ListFiles.ReadAsync(list, ListFiles.Options with { DefaultRegion = region ? "KE" : null });
                Assert.True(summary.Refusal is null or { Code: ListCodes.ListEmpty }, summary.Refusal?.Code);
            }, iter: 5_000);
}
