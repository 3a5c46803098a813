using System.Security.Cryptography;
using GraphQL;
using Humanitarian.Api.GraphQL;
using Humanitarian.Api.Lists;
using Humanitarian.Domain;
using Humanitarian.Domain.Cash;
using Humanitarian.Domain.Organisations;
using Humanitarian.Grains.Commands;
using Humanitarian.Grains.Reading;

namespace Humanitarian.Api.Cash;

/// <param name="DisbursementId">The disbursement.</param>
/// <param name="Format">The provider's layout.</param>
public sealed record ExportInstructionsInput(string IdempotencyKey, Id DisbursementId, CashFormat Format) : MutationInput(IdempotencyKey);

/// <param name="ReportId">As POST /disbursements/{id}/reports answered it.</param>
public sealed record ReconcileCashInput(string IdempotencyKey, Signature? Signature, Id ReportId) : SignedInput(IdempotencyKey, Signature);

/// <param name="ContradictionId">The contradiction.</param>
/// <param name="Accept">True when the later report holds: the line is corrected. False leaves the line as it is.</param>
/// <param name="Reason">Why, as a code of capital letters, digits and underscores; never about a person.</param>
[MovesMoney]
public sealed record DecideContradictionInput(string IdempotencyKey, Signature? Signature, Id ContradictionId, bool Accept, string Reason)
    : SignedInput(IdempotencyKey, Signature);

/// <param name="GrantId">The grant that bears it.</param>
/// <param name="DisbursementId">The cash disbursement it was taken for.</param>
/// <param name="BudgetLine">Code of one of the grant's budget lines.</param>
/// <param name="Amount">In the grant's currency.</param>
/// <param name="Evidence">Hash of the invoice.</param>
[MovesMoney]
public sealed record RecordProviderFeeInput(string IdempotencyKey, Id GrantId, Id DisbursementId, string BudgetLine, MoneyInput Amount, Hash32? Evidence)
    : MutationInput(IdempotencyKey);

/// <param name="DisbursementId">The disbursement.</param>
public sealed record CreateFollowUpListInput(string IdempotencyKey, Id DisbursementId) : MutationInput(IdempotencyKey);

public sealed record ExportInstructionsPayload : Payload
{
    /// <summary>The file as the ledger records it; fetch it at its path.</summary>
    [AsParent]
    public async Task<InstructionFileView?> File([FromServices] LedgerReader reader, [FromServices] CashReads cash) =>
        Transaction is { } place && (await reader.TransactionAsync(place.Hash))?.Transaction.Writes is [{ Record: InstructionFileRecord record }]
            && await cash.ReadAsync(record.Disbursement) is { } own
            ? InstructionFileView.Of(record, own.Program.Unit)
            : null;
}

public sealed record ReconcileCashPayload : Payload
{
    /// <summary>The import as recorded; null when refused.</summary>
    [AsParent]
    public async Task<ReconciliationView?> Reconciliation([FromServices] Access access, [FromServices] CashReads cash) =>
        await access.FindAsync<ReconciliationRecord>(RecordKind.Reconciliation, Subject) is { } record && await cash.ReadAsync(record.Disbursement) is { } own
            ? ReconciliationView.Of(record, own.Program.Unit)
            : null;
}

public sealed record DecideContradictionPayload : Payload
{
    /// <summary>The contradiction as it is now; null when refused.</summary>
    [AsParent]
    public async Task<ContradictionView?> Contradiction([FromServices] Access access, [FromServices] CashReads cash) =>
        await access.FindAsync<ContradictionRecord>(RecordKind.Contradiction, Subject) is { } record && await cash.ReadAsync(record.Disbursement) is { } own
            ? ContradictionView.Of(record, own.Program.Unit)
            : null;
}

public sealed record RecordProviderFeePayload : Payload;

public sealed record CreateFollowUpListPayload : Payload
{
    /// <summary>Use it in createDisbursement, with the disbursement that it follows up.</summary>
    public Id? ListId => Subject.IsNone ? null : Subject;

    /// <summary>How many rows it has; 0 when refused.</summary>
    [AsParent]
    public async Task<long> Rows([FromServices] ListDocuments lists, [FromServices] Access access) =>
        Subject.IsNone ? 0 : (await lists.FindAsync(Subject, access.Caller.Organisation))?.Rows ?? 0;

    /// <summary>What the rows sum to, in minor units.</summary>
    [AsParent]
    public async Task<long> TotalMinor([FromServices] ListDocuments lists, [FromServices] Access access) =>
        Subject.IsNone ? 0 : (await lists.FindAsync(Subject, access.Caller.Organisation))?.TotalMinor ?? 0;
}

/// <summary>Cash through a financial service provider, after its disbursement was released.</summary>
public sealed class CashMutations(
    MutationRunner run, LedgerCommands commands, Access access, CashReads cash, CashFiles files, FollowUpLists followUps) : IMutations
{
    /// <summary>Writes the lines that are under way to a file and records its hash; the file leaves only after that. For releasers.</summary>
    [Allow(Roles.Releaser)]
    [Cost(OperationCost.Many)]
    public Task<ExportInstructionsPayload> ExportInstructions(ExportInstructionsInput input) =>
        run.RunAsync<ExportInstructionsPayload>(input, input.DisbursementId, async (context, id) =>
            await cash.FindAsync(id) is not { } own ? await Refuse.NotFound("disbursementId")
            : !access.Caller.Has(Roles.Releaser) ? await Refuse.With(Principals.Forbidden())
            : await ExportAsync(context, own, input.Format));

    /// <summary>Records a provider's report, signed by finance that did not release. ALREADY_RECONCILED when nothing in it is new.</summary>
    [Allow(Roles.Finance)]
    [Cost(OperationCost.Many)]
    public Task<ReconcileCashPayload> ReconcileCash(ReconcileCashInput input) =>
        run.RunAsync<ReconcileCashPayload>(input, input.ReportId, ReconcileAsync);

    /// <summary>Finance decides what a contradicting report is worth.</summary>
    [Allow(Roles.Finance)]
    public Task<DecideContradictionPayload> DecideContradiction(DecideContradictionInput input) =>
        run.RunAsync<DecideContradictionPayload>(input, input.ContradictionId, async (context, id) =>
            await access.FindAsync<ContradictionRecord>(RecordKind.Contradiction, id) is not { } found || await cash.FindAsync(found.Disbursement) is null
                ? await Refuse.NotFound("contradictionId")
                : await commands.DecideContradictionAsync(context, id, input.Accept, input.Reason));

    /// <summary>What a provider took is charged to a budget line: a flow of its own beside other costs.</summary>
    [Allow(Roles.Finance)]
    public Task<RecordProviderFeePayload> RecordProviderFee(RecordProviderFeeInput input) =>
        run.RunAsync<RecordProviderFeePayload>(input, input.GrantId, async (context, id) =>
            await access.OwnGrantAsync(id) is not { } own ? await Refuse.NotFound("grantId")
            : input.Amount.Mismatch(own.Grant.Unit, "amount") is { } mismatch ? await Refuse.With(mismatch)
            : await commands.RecordProviderFeeAsync(context, id, input.BudgetLine, input.DisbursementId, input.Amount.AmountMinor, input.Evidence ?? Hash32.Zero));

    /// <summary>Makes a list of what was not delivered, is not followed up yet and is contradicted by no open report. Not on the ledger. For registrars.</summary>
    [Allow(Roles.Registrar)]
    [Cost(OperationCost.Many)]
    public Task<CreateFollowUpListPayload> CreateFollowUpList(CreateFollowUpListInput input) =>
        run.RunAsync<CreateFollowUpListPayload>(input, null, async (context, id) =>
            await cash.FindAsync(input.DisbursementId) is not { } own ? await Refuse.NotFound("disbursementId")
            : !access.Caller.Has(Roles.Registrar) ? await Refuse.With(Principals.Forbidden())
            : access.Caller.Member.Scope is { } scope && (scope.Areas.Count > 0 || !scope.Covers(own.Program.Id)) ? await Refuse.With(Principals.OutOfScope())
            : await followUps.CreateAsync(id, own, context.Principal));

    private async Task<CommandResult> ExportAsync(CommandContext context, OwnCash own, CashFormat format)
    {
        CashLineRecord[] lines = [.. (await cash.LinesAsync(own.Record.Id)).Where(line => line.State == CashLineState.Instructed)];
        if (lines.Length == 0)
        {
            return await Refuse.With(new Refusal(RefusalCode.WrongState, "No line is with the provider.", "disbursementId"));
        }

        await using var file = files.Spool();
        await InstructionWriter.WriteAsync(file, format, lines, own.Program.Unit, own.Exponent, await cash.ProviderAsync(own.Record), CancellationToken.None);
        file.Position = 0;
        var hash = Hash32.FromSpan(await SHA256.HashDataAsync(file));
        var id = InstructionFileRecord.IdOf(own.Record.Id, hash);
        await files.AddAsync(id, access.Caller.Organisation, new CashFile(hash.ToString()[2..], own.Record.Id.ToString(), format, 0), file);
        return await commands.ExportInstructionsAsync(
            context, new InstructionFileRecord(id, own.Record.Id, hash, format.ToString(), lines.Length, lines.Sum(line => line.AmountMinor), Id.None));
    }

    /// <summary>Reads the kept report twice: for what it says in sum, which is signed, then to record it batch by batch.</summary>
    private async Task<CommandResult> ReconcileAsync(CommandContext context, Id report)
    {
        if (await files.HeadAsync(report, access.Caller.Organisation) is not { } head || await cash.FindAsync(Id.Parse(head.Disbursement)) is not { } own
            || await files.OpenAsync(report, head) is not { } opened)
        {
            return await Refuse.NotFound("reportId");
        }

        await using var file = opened;
        var reader = new ReportReader(file, head.Format);
        await using var sums = await cash.Match(reader, own).ReadAsync();
        var announced = new ReconciliationRecord(
            report, own.Record.Id, Hash32.Parse(head.Sha256), head.Format.ToString(), sums.Lines, sums.DeliveredMinor, sums.FailedMinor, 0, 0, 0, context.Principal);
        await using var match = cash.Match(reader, own);
        return await commands.ReconcileCashAsync(context, announced, match.ReportsAsync());
    }
}
