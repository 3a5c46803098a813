using System.Runtime.CompilerServices;
using Humanitarian.Api.Beneficiaries;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Cash;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Programs;
using Humanitarian.Grains.Commands;
using Humanitarian.Grains.Disbursements;
using Humanitarian.Grains.Reading;

namespace Humanitarian.Api.Exports;

/// <summary>A disbursement line by line with its totals, and a cash disbursement with what its provider reported, for the program's organisation.</summary>
public sealed class DisbursementExport(Access access, LedgerCommands commands, LedgerReader reader, LedgerInfo ledger, Looks looks)
{
    private const string LineRow = "line";
    private const string TotalRow = "total";

    private static readonly string[] Report =
    [
        "record", "number", "account", "household", "amount", "paid", "unit", "state", "reason", "period", "assistance", "root", "transaction", "height",
    ];

    private static readonly string[] Reconciliation =
    [
        "record", "number", "reference", "account", "instructed", "delivered", "rest", "unit", "state", "reason", "report_sha256", "contradicted", "followed_by",
    ];

    /// <summary>Every line with what became of it, then the totals by state and reason; null when there is none to be seen.</summary>
    internal async Task<ExportTable?> ReportAsync(Id disbursement, ExportRange range, CancellationToken cancellationToken) =>
        await SeeAsync(disbursement, "export of disbursement") is not { } own ? null : Table(
            own, "disbursement", Report, range,
            (line, number) =>
            [
                LineRow, number, line.Account.ToString(), line.Household.ToString(), own.Amount(line.AmountMinor), own.Amount(line.PaidMinor), own.Program.Unit,
                ExportAmount.Word(line.Outcome), line.Reason, own.Record.Period, own.Record.AssistanceKind, own.RootOf(number), Hash(line.Transaction),
                line.Transaction.IsZero ? null : line.Height,
            ],
            total =>
            [
                TotalRow, total.Lines, null, null, own.Amount(total.AmountMinor), own.Amount(total.PaidMinor), own.Program.Unit, total.State, total.Reason, own.Record.Period,
                own.Record.AssistanceKind, own.Record.ListRoot.ToString(), null, null,
            ],
            cancellationToken);

    /// <summary>Every line of a cash disbursement with its provider's reference and report, then the totals; null when there is none to be seen.</summary>
    internal async Task<ExportTable?> ReconciliationAsync(Id disbursement, ExportRange range, CancellationToken cancellationToken)
    {
        if (await SeeAsync(disbursement, "export of reconciliation") is not { Record.Cash: not null } own)
        {
            return null;
        }

        var contradicted = await reader.ContradictedAsync(disbursement, cancellationToken);
        return Table(
            own, "reconciliation", Reconciliation, range,
            (line, number) =>
            {
                var reference = CashLineRecord.IdOf(disbursement, line.Account);
                return
                [
                    LineRow, number, reference.ToString(), line.Account.ToString(), own.Amount(line.InstructedMinor), own.Amount(line.PaidMinor),
                    own.Amount(line.RestMinor), own.Program.Unit, ExportAmount.Word(line.Outcome), line.Reason, Hash(line.Evidence),
                    contradicted.Contains(reference) ? "YES" : "NO", line.FollowedBy.IsNone ? null : line.FollowedBy.ToString(),
                ];
            },
            total =>
            [
                TotalRow, total.Lines, null, null, own.Amount(total.InstructedMinor), own.Amount(total.PaidMinor), own.Amount(total.RestMinor), own.Program.Unit, total.State, total.Reason, null, null, null,
            ],
            cancellationToken);
    }

    /// <summary>That somebody takes all lines is written down for everybody in the program, before any is shown.</summary>
    private async Task<OwnDisbursement?> SeeAsync(Id disbursement, string what)
    {
        if (await FindAsync(disbursement) is not { } own)
        {
            return null;
        }

        await looks.AtAllOfAsync(own.Program.Id, $"{what} {disbursement}");
        return own;
    }

    private async Task<OwnDisbursement?> FindAsync(Id disbursement) =>
        await access.FindAsync<DisbursementRecord>(RecordKind.Disbursement, disbursement) is { } record
        && await access.CoveredProgramAsync(record.Program) is { } program && access.Reads(program.Organisation) && access.CoversAllAreas && await ledger.UnitAsync(program.Unit) is { } unit
            ? new OwnDisbursement(record, program, unit.Exponent)
            : null;

    private ExportTable Table(
        OwnDisbursement own, string kind, string[] columns, ExportRange range, Func<LineReport, long, object?[]> line, Func<Total, object?[]> total,
        CancellationToken cancellationToken)
    {
        var from = Math.Min(range.After ?? 0, own.Record.Lines);
        var to = Math.Min(from + range.Rows, own.Record.Lines);
        return new ExportTable(kind, $"{kind}-{own.Record.Id}", columns, RowsAsync(own, from, to, line, total, cancellationToken), to < own.Record.Lines ? to : null);
    }

    /// <summary>The lines asked for; with the last of them the totals, for which the lines before them are counted too.</summary>
    private async IAsyncEnumerable<object?[]> RowsAsync(
        OwnDisbursement own, long from, long to, Func<LineReport, long, object?[]> line, Func<Total, object?[]> total,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var totals = new SortedDictionary<(string State, string Reason), Total>();
        var isLast = to == own.Record.Lines;
        long number = 0;
        for (var chunk = 0; chunk < own.Record.ChunkRoots.Count && number < to; chunk++)
        {
            var lines = own.Record.ChunkRoots[chunk].Lines;
            if (!isLast && number + lines <= from)
            {
                number += lines;
                continue;
            }

            cancellationToken.ThrowIfCancellationRequested();
            foreach (var report in await commands.DisbursementLinesAsync(own.Record.Id, chunk) ?? throw new InvalidDataException("The disbursement's list is not kept any more."))
            {
                Add(totals, report);
                if (++number > from && number <= to)
                {
                    yield return line(report, number);
                }
            }
        }

        if (isLast)
        {
            foreach (var sum in totals.Values)
            {
                yield return total(sum);
            }

            yield return total(totals.Values.Aggregate(new Total("ALL", "", 0, 0, 0, 0, 0), (all, sum) => all.Plus(sum)));
        }
    }

    private static void Add(SortedDictionary<(string State, string Reason), Total> totals, LineReport line)
    {
        var key = (ExportAmount.Word(line.Outcome), line.Reason);
        totals[key] = totals.GetValueOrDefault(key, new Total(key.Item1, key.Reason, 0, 0, 0, 0, 0))
            .Plus(new Total("", "", 1, line.AmountMinor, line.PaidMinor, line.InstructedMinor, line.RestMinor));
    }

    private static string? Hash(Hash32 hash) => hash.IsZero ? null : hash.ToString();

    private sealed record Total(string State, string Reason, long Lines, long AmountMinor, long PaidMinor, long InstructedMinor, long RestMinor)
    {
        public Total Plus(Total other) => this with
        {
            Lines = Lines + other.Lines,
            AmountMinor = AmountMinor + other.AmountMinor,
            PaidMinor = PaidMinor + other.PaidMinor,
            InstructedMinor = InstructedMinor + other.InstructedMinor,
            RestMinor = RestMinor + other.RestMinor,
        };
    }

    private sealed record OwnDisbursement(DisbursementRecord Record, ProgramRecord Program, int Exponent)
    {
        public decimal Amount(long amountMinor) => ExportAmount.Of(amountMinor, Exponent);

        /// <summary>Root of the chunk that a line stands in.</summary>
        public string RootOf(long number)
        {
            var chunk = 0;
            for (var left = number; left > Record.ChunkRoots[chunk].Lines; chunk++)
            {
                left -= Record.ChunkRoots[chunk].Lines;
            }

            return Record.ChunkRoots[chunk].Root.ToString();
        }
    }
}
