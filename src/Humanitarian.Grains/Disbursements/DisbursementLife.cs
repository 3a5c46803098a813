using System.Text.Json;
using Humanitarian.Chain.Authority;
using Humanitarian.Domain;
using Humanitarian.Domain.Cash;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Disclosure;
using Humanitarian.Domain.Grants;
using Humanitarian.Domain.Households;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Transactions;
using Humanitarian.Grains.Accounts;
using Humanitarian.Grains.Commands;
using Humanitarian.Storage.Side;
using Microsoft.Extensions.Logging;

namespace Humanitarian.Grains.Disbursements;

/// <summary>
/// What a disbursement does through its life, apart from Orleans. Deliveries share a commit and its status answers while it pays;
/// claims keep every line from being paid twice.
/// </summary>
internal sealed partial class DisbursementLife(Id id, LedgerServices services, ISideStore side, IPoolAccounts pools, ILogger logger)
{
    internal const string DocumentKind = "disbursement";
    private const int ChunksUnderWay = 8;
    private const int NamedRows = 10;
    private static readonly TimeSpan ResumeAfterFault = TimeSpan.FromSeconds(2);
    private readonly CommandRunner runner = new(services);
    private FrozenLines? lines;
    private int approving;
    private Stored? stored;
    private Task execution = Task.CompletedTask;

    private Id Id => id;

    public async Task<DisbursementAnswer> DraftAsync(CommandContext context, DisbursementDraft draft)
    {
        if (await KeptAsync() is { } stored)
        {
            return stored.Content == context.Content.ToString() && stored.CreatedBy == context.Principal
                ? new DisbursementAnswer(await StatusAsync(), null)
                : new DisbursementAnswer(null, new Refusal(RefusalCode.IdempotencyConflict, "This idempotency key was used for another request; use a new one.", "idempotencyKey"));
        }

        if (await DraftRefusalAsync(context.Principal, draft) is { } refusal)
        {
            return new DisbursementAnswer(null, refusal);
        }

        await SaveAsync(new Stored(draft, context.Principal, context.Content.ToString(), false));
        return new DisbursementAnswer(await StatusAsync(), null);
    }

    /// <param name="expected">The control totals: what is otherwise is not validated, and nothing else is looked at.</param>
    public async Task<DisbursementAnswer> ValidateAsync(CommandContext context, ControlTotals expected)
    {
        if (await KeptAsync() is not { } stored)
        {
            return new DisbursementAnswer(null, NotFound());
        }

        if (stored.Cancelled)
        {
            return new DisbursementAnswer(null, new Refusal(RefusalCode.WrongState, "The disbursement is cancelled.", "disbursement"));
        }

        // A draft never changes, so a repetition has its first answer, even when the grants have been drawn on since.
        if (stored.Validated)
        {
            var status = await StatusAsync();
            return status is not null && Mismatch(status.Lines, status.TotalMinor, expected) is { } mismatch
                ? new DisbursementAnswer(null, mismatch)
                : new DisbursementAnswer(status, null);
        }

        var shares = new List<HouseholdShare>();
        var (record, refusal) = await FreezeAsync(lines => shares.AddRange(lines.Select(line => new HouseholdShare(line.Household, line.AmountMinor))));
        refusal ??= Mismatch(record!.Lines, record.TotalMinor, expected) ?? await DraftRefusalAsync(context.Principal, stored.Draft) ?? await ValidationRefusalAsync(record!);
        if (refusal is not null)
        {
            return new DisbursementAnswer(null, refusal);
        }

        var cover = ListCover.Of([.. shares], DonorCell.DefaultLeast);
        await SaveAsync(stored with { Validated = true, Households = cover.Households, LargestMinor = cover.LargestMinor });
        return new DisbursementAnswer(StatusOf(record!, StateOf(this.stored!), 0, 0, new Dictionary<string, long>()), null);
    }

    private static Refusal? Mismatch(long lines, long totalMinor, ControlTotals expected) =>
        (expected.Lines ?? lines, expected.TotalMinor ?? totalMinor) == (lines, totalMinor) ? null
        : new Refusal(
            RefusalCode.ControlTotalMismatch,
            $"The list has {lines} lines of {totalMinor} minor units together, not {expected.Lines ?? lines} of {expected.TotalMinor ?? totalMinor}.", "expectedTotal");

    public async Task<CommandResult> ApproveAsync(CommandContext context)
    {
        if (await KeptAsync() is not { Validated: true, Cancelled: false })
        {
            return CommandResult.Refused(stored is null ? NotFound() : new Refusal(
                RefusalCode.WrongState, stored.Cancelled ? "The disbursement is cancelled." : "Validate the disbursement before it is approved.", "disbursement"));
        }

        approving++;
        try
        {
            var (record, refusal) = await FreezeAsync();
            return refusal is not null
                ? CommandResult.Refused(refusal)
                : (await runner.RunAsync(null, new Command(context, (scope, view, signatures) => Approvals.Decide(record!, signatures, scope, view)))).Result;
        }
        finally
        {
            approving--;
        }
    }

    public async Task<CommandResult> ReleaseAsync(CommandContext context)
    {
        if (await RecordAsync() is not { } record || await ProgramAsync(record.Program) is not { } program)
        {
            return CommandResult.Refused(new Refusal(RefusalCode.WrongState, "Only an approved disbursement can be released.", "disbursement"));
        }

        var result = await pools.ReleaseAsync(program.Pool, context, Id);
        if (result is { Refusal: null, Rehearsed: false })
        {
            await ResumeAsync();
        }

        return result;
    }

    /// <summary>Gives up a draft beside the ledger, an approved disbursement on it.</summary>
    public async Task<CommandResult> CancelAsync(CommandContext context)
    {
        if (await KeptAsync() is not { } kept)
        {
            return CommandResult.Refused(NotFound());
        }

        if (await RecordAsync() is not null)
        {
            return await ChangeAsync(context, DisbursementState.Cancelled);
        }

        var member = (await services.Reader.FindAsync<MemberRecord>(RecordKind.Member, context.Principal)).Record;
        if (await ProgramAsync(kept.Draft.Program) is not { } program || member is null || member.Organisation != program.Organisation
            || !member.Has(StateChanges.Stoppers, services.Now) || member.Scope?.Covers(program.Id) == false)
        {
            return CommandResult.Refused(Principals.Forbidden());
        }

        if (approving > 0)
        {
            return CommandResult.Refused(new Refusal(RefusalCode.Retry, "The draft is being approved; ask again."));
        }

        await SaveAsync(kept with { Cancelled = true });
        return stored is { Cancelled: true } ? CommandResult.Done(Hash32.Zero, 0, 0) : CommandResult.Refused(new Refusal(RefusalCode.Retry, "The draft has changed meanwhile; ask again."));
    }

    public Task<CommandResult> PauseAsync(CommandContext context) => ChangeAsync(context, DisbursementState.Paused);

    public async Task<CommandResult> GoOnAsync(CommandContext context)
    {
        var result = await ChangeAsync(context, DisbursementState.Released);
        if (result.Refusal is null)
        {
            await ResumeAsync();
        }

        return result;
    }

    private async Task<CommandResult> ChangeAsync(CommandContext context, DisbursementState to) =>
        (await runner.RunAsync(null, new Command(context, (scope, view, _) => StateChanges.Decide(Id, to, scope, view)))).Result;

    public async Task<CommandResult> CompleteAsync(CommandContext context) =>
        await RecordAsync() is { } record && await ProgramAsync(record.Program) is { } program
            ? await pools.CompleteAsync(program.Pool, context, Id)
            : CommandResult.Refused(NotFound());

    public async Task<CommandResult> DeliverAsync(CommandContext context, DeliveryRequest delivery)
    {
        if (await RecordAsync() is not { } record || await ProgramAsync(record.Program) is not { } program || await KeptAsync() is null)
        {
            return CommandResult.Refused(NotFound());
        }

        if (record.Mode != DeliveryMode.InPerson || await Lines.PlaceOfAsync(delivery.Account) is not { } place
            || await Lines.ChunkAsync(place.Chunk) is not { } chunk)
        {
            return CommandResult.Refused(new Refusal(RefusalCode.EntitlementExceeded, "The approved list has no line to deliver to this account.", "account"));
        }

        var line = chunk[place.Index];
        if (line.AmountMinor != delivery.AmountMinor)
        {
            return CommandResult.Refused(new Refusal(RefusalCode.EntitlementExceeded, "The amount is not the one on the approved list.", "amountMinor"));
        }

        var (root, proof) = (record.ChunkRoots[place.Chunk].Root, Lines.Proof(place.Chunk, chunk, place.Index));
        var result = await pools.DeliverAsync(program.Pool, context, delivery, place.Chunk, root, line, proof);
        return result.Refusal is null ? result : await QueuedBeforeAsync(context.Principal, delivery) ?? await QueueAsync(context, delivery, new Chunk(place.Chunk, root, [line], [], proof), result);
    }

    public Task ResumeAsync()
    {
        if (execution.IsCompleted)
        {
            execution = ExecuteAsync();
        }

        return Task.CompletedTask;
    }

    /// <summary>Reads what is kept of it beside the ledger, before anything else is asked of it.</summary>
    public async Task LoadAsync()
    {
        if (await side.FindAsync(DocumentKind, Id.ToString()) is { } document && document.Version >= version)
        {
            (stored, version) = (JsonSerializer.Deserialize<Stored>(document.Json, Json.Options), document.Version);
        }
    }

    /// <summary>What is kept of it; read again until it is validated, because another activation may have gone on with it.</summary>
    private async Task<Stored?> KeptAsync()
    {
        if (stored is not { Validated: true })
        {
            await LoadAsync();
        }

        return stored;
    }

    private long version;

    private async Task SaveAsync(Stored next)
    {
        var document = new SideDocument(DocumentKind, Id.ToString(), next.Draft.Program.ToString(), version, JsonSerializer.Serialize(next, Json.Options));
        if (!await side.PutAsync(document))
        {
            await LoadAsync();
            return;
        }

        (stored, version) = (next, document.Version + 1);
    }

    /// <summary>The lines, once <see cref="KeptAsync"/> has found what they are.</summary>
    private FrozenLines Lines => lines ??= new(Frozen(stored!));

    private FrozenList Frozen(Stored of) => new(side, services.Identity.ClaimKey, Id, of.Draft.List, of.Draft.FirstRow, of.Draft.Rows);

    /// <summary>The disbursement as approver and releaser sign it.</summary>
    /// <param name="seen">Given the lines of every chunk as they are read.</param>
    private async Task<(DisbursementRecord? Record, Refusal? Refusal)> FreezeAsync(Action<Line[]>? seen = null)
    {
        if (await Frozen(stored!).HeadsAsync(seen) is not { } heads)
        {
            return (null, new Refusal(RefusalCode.ListUnknown, "The list has fewer good rows than the draft names.", "listId"));
        }

        var draft = stored!.Draft;
        return (
            new DisbursementRecord(
                Id, draft.Program, DisbursementState.Draft, draft.InPerson ? DeliveryMode.InPerson : draft.Float.IsNone ? DeliveryMode.Bulk : DeliveryMode.Cash, AuthorityChecks.RootOf(heads),
                heads.Sum(head => (long)head.Lines), heads.Sum(head => head.TotalMinor), heads,
                [.. draft.Grants.Select(share => new LotPart(share.Grant, share.AmountMinor))], draft.Period, draft.AssistanceKind, Id.None, Id.None,
                draft.ExpiresAt, stored.CreatedBy, Id.None, Id.None)
            {
                Cash = draft.Float.IsNone ? null : new CashPlan(draft.Float, draft.FollowsUp),
                Purpose = draft.Purpose,
            },
            null);
    }

    private async Task<Refusal?> DraftRefusalAsync(Id principal, DisbursementDraft draft)
    {
        if (await ProgramAsync(draft.Program) is not { Active: true } program)
        {
            return new Refusal(RefusalCode.NotFound, "There is no such active program.", "programId");
        }

        var member = (await services.Reader.FindAsync<MemberRecord>(RecordKind.Member, principal)).Record;
        return member is null || member.Organisation != program.Organisation || !member.Has(Roles.Registrar, services.Now)
            || member.Scope?.Covers(program.Id) == false ? Principals.Forbidden()
            : draft.Rows <= 0 || draft.FirstRow < 0 || (await side.RowsAsync(draft.List, draft.FirstRow + draft.Rows - 1, 1)).Count == 0
                ? new Refusal(RefusalCode.ListUnknown, "There is no such list, or it has fewer good rows.", "listId")
            : draft.Grants.Count == 0 ? new Refusal(RefusalCode.GrantIneligible, "Name the grants that bear the disbursement.", "grants")
            : draft.Period.Length is 0 or > Approvals.MaximumText || draft.AssistanceKind.Length is 0 or > Approvals.MaximumText
                ? new Refusal(RefusalCode.InvalidInput, "Name the period and the kind of assistance, each at most 32 characters.", "period")
            : draft.InPerson && !draft.Float.IsNone ? new Refusal(RefusalCode.InvalidInput, "Cash is paid out by a provider, not by field agents.", "inPerson")
            : !Enum.IsDefined(draft.Purpose) || (draft.Purpose != DisbursementPurpose.Regular && !Entitlements.AreKnownTo(program))
                ? new Refusal(RefusalCode.InvalidInput, "Only where the terms have an entitlement for each period is more than one payment for it bounded.", "purpose")
            : draft.ExpiresAt <= services.Now ? new Refusal(RefusalCode.InvalidInput, "The expiry must lie in the future.", "expiresAt")
            : null;
    }

    private async Task<Refusal?> ValidationRefusalAsync(DisbursementRecord record)
    {
        if (record.Grants.Sum(part => part.AmountMinor) != record.TotalMinor)
        {
            return new Refusal(RefusalCode.BudgetExceeded, $"The grants' shares must sum to the list's total of {record.TotalMinor} minor units.", "grants");
        }

        var program = (await ProgramAsync(record.Program))!;
        var pool = await services.Reader.BookAsync(program.Pool);
        foreach (var part in record.Grants)
        {
            if ((await services.Reader.FindAsync<GrantRecord>(RecordKind.Grant, part.Lot)).Record is not { Active: true } grant || grant.Program != program.Id)
            {
                return new Refusal(RefusalCode.GrantIneligible, "A disbursement draws on active grants of its own program.", "grants");
            }

            if (services.Now < grant.EligibleFrom || services.Now >= grant.EligibleUntil)
            {
                return new Refusal(RefusalCode.GrantIneligible, "A grant is outside its eligibility dates; choose another or extend it.", "grants");
            }
        }

        if (pool.Available(program.Unit) < record.TotalMinor)
        {
            return new Refusal(RefusalCode.InsufficientFunds, "The program's pool does not hold enough.", "grants");
        }

        var missing = await NotEnrolledAsync(program.Id);
        return missing.Count == 0 ? null : new Refusal(
            RefusalCode.NotEnrolled,
            $"{missing.Count} rows of the list are not enrolled in the program: {string.Join(", ", missing.Take(NamedRows))}{(missing.Count > NamedRows ? ", …" : "")}. Enrol them first, or list the others.",
            "listId");
    }

    /// <summary>The rows that are not enrolled, now; each is looked at again when it is paid.</summary>
    private async Task<IReadOnlyList<long>> NotEnrolledAsync(Id program)
    {
        var (missing, row, frozen) = (new List<long>(), stored!.Draft.FirstRow, Frozen(stored));
        await foreach (var (rows, enrolled) in ReadAhead.AllAsync(frozen.Chunks, ReadAsync))
        {
            foreach (var one in rows)
            {
                if (!enrolled.Contains(one.Account))
                {
                    missing.Add(row);
                }

                row++;
            }
        }

        return missing;

        async Task<(IReadOnlyList<ListRowEntry> Rows, HashSet<Id> Enrolled)> ReadAsync(int chunk)
        {
            var rows = await frozen.RowsAsync(chunk);
            var found = await services.Reader.FindAllAsync<EnrolmentRecord>(RecordKind.Enrolment, [.. rows.Select(one => EnrolmentRecord.IdOf(program, one.Account))]);
            return (rows, found.Where(one => one.Active).Select(one => one.Account).ToHashSet());
        }
    }

    private async Task<DisbursementRecord?> RecordAsync() =>
        (await services.Reader.FindAsync<DisbursementRecord>(RecordKind.Disbursement, Id)).Record;

    private async Task<ProgramRecord?> ProgramAsync(Id program) =>
        (await services.Reader.FindAsync<ProgramRecord>(RecordKind.Program, program)).Record;

    private static Refusal NotFound() => new(RefusalCode.NotFound, "There is no such disbursement.", "disbursement");

    /// <summary>What is kept beside the ledger.</summary>
    /// <param name="Content">Hash of the request that drafted it.</param>
    internal sealed record Stored(DisbursementDraft Draft, Id CreatedBy, string Content, bool Validated)
    {
        /// <summary>True for a draft that was given up before anybody approved it.</summary>
        public bool Cancelled { get; init; }

        /// <summary>How many households the frozen list covers; 0 while they are not counted.</summary>
        public long Households { get; init; }

        public long LargestMinor { get; init; }
    }
}
