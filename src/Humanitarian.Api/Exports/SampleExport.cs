using System.Runtime.CompilerServices;
using Humanitarian.Api.Beneficiaries;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Programs;
using Humanitarian.Grains.Commands;
using Humanitarian.Grains.Disbursements;

namespace Humanitarian.Api.Exports;

/// <summary>The lines that an auditor's sample draws from a frozen list, for the program's organisation.</summary>
public sealed class SampleExport(Access access, LedgerCommands commands, LedgerInfo ledger, Looks looks)
{
    private static readonly string[] Columns = ["number", "account", "household", "amount", "unit"];

    /// <summary>The drawn lines by their numbers in the list, from 1; null when there is none to be seen, or its secret is not revealed.</summary>
    internal async Task<ExportTable?> OfAsync(Id disbursement, ExportRange range, CancellationToken cancellationToken)
    {
        if (await access.FindAsync<DisbursementRecord>(RecordKind.Disbursement, disbursement) is not { } record
            || await access.FindAsync<SampleRecord>(RecordKind.Sample, SampleRecord.IdOf(disbursement)) is not { Secret.IsZero: false } sample
            || await access.CoveredProgramAsync(record.Program) is not { } program || !access.Reads(program.Organisation) || !access.CoversAllAreas || await ledger.UnitAsync(program.Unit) is not { } unit)
        {
            return null;
        }

        await looks.AtAllOfAsync(program.Id, $"export of the sample {disbursement}");
        var drawn = SampleDraw.Draw(SampleDraw.SeedOf(record.ListRoot, record.SampleNonce, sample.Secret), record.Lines, sample.Lines);
        var from = (int)Math.Min(range.After ?? 0, drawn.Length);
        var to = (int)Math.Min((long)from + range.Rows, drawn.Length);
        return new ExportTable(
            "sample", $"sample-{disbursement}", Columns, RowsAsync(record, program, unit.Exponent, drawn[from..to], cancellationToken), to < drawn.Length ? to : null);
    }

    private async IAsyncEnumerable<object?[]> RowsAsync(
        DisbursementRecord record, ProgramRecord program, int exponent, long[] drawn, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (chunk, first) = (0, 0L);
        IReadOnlyList<LineReport>? lines = null;
        foreach (var place in drawn)
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (; place >= first + record.ChunkRoots[chunk].Lines; chunk++)
            {
                first += record.ChunkRoots[chunk].Lines;
                lines = null;
            }

            lines ??= await commands.DisbursementLinesAsync(record.Id, chunk) ?? throw new InvalidDataException("The disbursement's list is not kept any more.");
            var line = lines[(int)(place - first)];
            yield return [place + 1, line.Account.ToString(), line.Household.ToString(), ExportAmount.Of(line.AmountMinor, exponent), program.Unit];
        }
    }
}
