using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Humanitarian.Api.Accounts;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Transactions;
using Humanitarian.Domain.Units;
using Humanitarian.Grains.Reading;

namespace Humanitarian.Api.Exports;

/// <summary>An account's entries, newest first, each with the balances that it left.</summary>
public sealed class StatementExport(LedgerReader reader, LedgerInfo ledger, StatementReads statements)
{
    private const int Page = 1_000;

    private static readonly string[] Columns =
        ["number", "at", "kind", "unit", "available", "held", "available_after", "held_after", "height", "position"];

    /// <summary>An account's statement; it goes on after an entry's number towards older ones.</summary>
    internal async Task<ExportTable> OfAsync(Id account, ExportRange range, CancellationToken cancellationToken)
    {
        // Entries never change, and what is entered from here on is newer than all that is written.
        var book = await reader.BookAsync(account, cancellationToken);
        var first = range.After is { } after ? Math.Min((ulong)after - 1, book.Entries) : book.Entries;
        var end = first > (ulong)range.Rows ? first - (ulong)range.Rows : 0;
        var balances = book.Units.ToDictionary(unit => unit, unit => (book.Available(unit), book.Held(unit)));
        return new ExportTable(
            "statement", $"statement-{account}", Columns, RowsAsync(account, book.Entries, first, end, range, balances, cancellationToken),
            await FollowsAsync(account, end, range.From, cancellationToken) ? (long)end + 1 : null)
        {
            Tag = Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(
                string.Create(CultureInfo.InvariantCulture, $"{account} {first} {end} {range.From} {range.To} {range.IsXlsx}"))))[..32],
        };
    }

    private async Task<bool> FollowsAsync(Id account, ulong end, long from, CancellationToken cancellationToken) =>
        end > 0 && await reader.StatementAsync(account, end + 1, 1, cancellationToken) is [var older] && older.Time >= from;

    /// <summary>Walks down from the newest entry, because the balance that an entry left is the newest less all that came after it.</summary>
    private async IAsyncEnumerable<object?[]> RowsAsync(
        Id account, ulong newest, ulong first, ulong end, ExportRange range, Dictionary<string, (long Available, long Held)> balances,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var row in statements.FallingAsync(account, newest, Page, cancellationToken))
        {
            if (row.Number <= end || row.Time < range.From)
            {
                yield break;
            }

            var (available, held) = balances.GetValueOrDefault(row.Unit);
            balances[row.Unit] = (available - row.AvailableMinor, held - row.HeldMinor);
            if (row.Number <= first && row.Time < range.To && !UnitRecord.IsShadow(row.Unit))
            {
                var exponent = await ledger.UnitAsync(row.Unit) is { } unit ? unit.Exponent : throw new InvalidDataException($"The unit {row.Unit} is not defined.");
                yield return
                [
                    row.Number, DateTimeOffset.FromUnixTimeMilliseconds(row.Time), ExportAmount.Word((TransactionKind)row.Kind), row.Unit,
                    ExportAmount.Of(row.AvailableMinor, exponent), ExportAmount.Of(row.HeldMinor, exponent), ExportAmount.Of(available, exponent),
                    ExportAmount.Of(held, exponent), row.Height, (long)row.Position,
                ];
            }
        }
    }
}
