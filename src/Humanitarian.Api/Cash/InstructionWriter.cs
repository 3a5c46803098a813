using System.Globalization;
using CsvHelper;
using Humanitarian.Domain.Cash;
using MiniExcelLibs;

namespace Humanitarian.Api.Cash;

/// <summary>
/// Writes instruction files: for each line its reference and its amount, in the columns that the provider's system expects. Columns
/// about people stay empty: the organisation joins them by the reference, from data that the ledger never had.
/// </summary>
internal static class InstructionWriter
{
    private static readonly string[] Sdp = ["phone", "email", "id", "amount", "verification", "paymentID", "walletAddress", "walletAddressMemo"];

    private static readonly string[] Hope =
    [
        "payment_id", "household_id", "individual_id", "collector_id", "household_size", "admin_level_2", "village", "collector_name", "payment_channel", "fsp_name",
        "currency", "entitlement_quantity", "entitlement_quantity_usd", "status", "national_id",
    ];

    public static string ContentType(CashFormat format) =>
        format == CashFormat.Hope ? "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" : "text/csv; charset=utf-8";

    public static async Task WriteAsync(
        Stream file, CashFormat format, IEnumerable<CashLineRecord> lines, string currency, int exponent, string provider, CancellationToken cancellationToken)
    {
        if (format == CashFormat.Hope)
        {
            await MiniExcel.SaveAsAsync(file, lines.Select(line => HopeRow(line, currency, exponent, provider)), cancellationToken: cancellationToken);
            return;
        }

        var header = format switch
        {
            CashFormat.Sdp => Sdp,
            CashFormat.OneTwoOne => ["referenceId", "amount"],
            _ => ["reference", "amount", "currency", "status"],
        };
        await using var text = new StreamWriter(file, leaveOpen: true);
        await using var csv = CsvWriter.Create(text, new CsvWriterOptions { NewLine = "\n" }, leaveOpen: true);
        csv.WriteHeader(header);
        foreach (var line in lines)
        {
            var (reference, amount) = (line.Id.ToString(), Decimal(line.AmountMinor, exponent).ToString(CultureInfo.InvariantCulture));
            string[] cells = format switch
            {
                CashFormat.Sdp => ["", "", reference, amount, "", reference, "", ""],
                CashFormat.OneTwoOne => [reference, amount],
                _ => [reference, amount, currency, "INSTRUCTED"],
            };
            foreach (var cell in cells)
            {
                csv.WriteField(cell);
            }

            await csv.EndRecordAsync(cancellationToken);
        }
    }

    private static Dictionary<string, object> HopeRow(CashLineRecord line, string currency, int exponent, string provider)
    {
        var row = Hope.ToDictionary(column => column, _ => (object)"");
        row["payment_id"] = line.Id.ToString();
        row["fsp_name"] = provider;
        row["currency"] = currency;
        row["entitlement_quantity"] = Decimal(line.AmountMinor, exponent);
        row["status"] = "Sent to FSP";
        return row;
    }

    private static decimal Decimal(long amountMinor, int exponent) => new(
        unchecked((int)amountMinor), unchecked((int)(amountMinor >> 32)), 0, false, (byte)exponent);
}
