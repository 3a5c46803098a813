using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Grants;
using Humanitarian.Domain.Holds;
using Humanitarian.Domain.Households;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Programs.Rules;
using Humanitarian.Domain.Transactions;
using Humanitarian.Grains.Reading;

namespace Humanitarian.Api.GraphQL;

/// <summary>
/// Who sees what. Every read goes through here and answers null both for what is not there and for what is not the caller's to see.
/// A field agent reads no balances; an operator runs the ledger and sees nobody's accounts. A scope limits what is read as it limits what
/// is decided.
/// </summary>
public sealed class Access(Caller caller, LedgerReader reader)
{
    private const int RelatedMax = 1_000;

    internal const Roles Readers =
        Roles.Administrator | Roles.Registrar | Roles.Approver | Roles.Releaser | Roles.Finance | Roles.Vendor | Roles.Reader | Roles.ProgramManager | Roles.Auditor;

    public Caller Caller => caller;

    /// <summary>True when the caller reads what this organisation may read.</summary>
    public bool Reads(Id organisation) => caller.Organisation == organisation && caller.Has(Readers);

    /// <summary>True for who manages the members of this organisation and how they come in: its administrators and the operator.</summary>
    public bool Manages(Id organisation) => caller.Has(Roles.Operator) || (caller.Organisation == organisation && caller.Has(Roles.Administrator));

    public async Task<OrganisationRecord?> OrganisationAsync(Id id) =>
        caller.Organisation == id || caller.Has(Roles.Operator) ? await FindAsync<OrganisationRecord>(RecordKind.Organisation, id) : null;

    public async Task<MemberRecord?> MemberAsync(Id id) =>
        await FindAsync<MemberRecord>(RecordKind.Member, id) is { } member
        && (member.Organisation == caller.Organisation || caller.Has(Roles.Operator)) ? member : null;

    /// <summary>True unless the caller's roles are limited to other programs.</summary>
    public bool Covers(Id program) => caller.Member.Scope?.Covers(program) != false;

    /// <summary>False for a caller whose roles are limited to areas: what is listed line by line for all of them is not theirs to see.</summary>
    public bool CoversAllAreas => caller.Member.Scope is not { Areas.Count: > 0 };

    /// <summary>True unless persons are enrolled, now or before, only where the caller's roles do not reach. Of persons in no program nobody can tell.</summary>
    public async ValueTask<bool> CoversPersonsAsync(IReadOnlyList<Id> accounts)
    {
        if (caller.Member.Scope is null)
        {
            return true;
        }

        var programs = await reader.ListAsync<ProgramRecord>(RecordKind.Program, caller.Organisation, null, RelatedMax);
        var enrolments = await reader.FindAllAsync<EnrolmentRecord>(
            RecordKind.Enrolment, [.. programs.SelectMany(program => accounts.Select(account => EnrolmentRecord.IdOf(program.Id, account)))]);
        return enrolments.Count == 0 || enrolments.Any(Covers);
    }

    /// <summary>True for an account within the caller's scope: a person's by their enrolments, another's by its program.</summary>
    public async ValueTask<bool> CoversAsync(AccountRecord account) =>
        (account.Program.IsNone || Covers(account.Program)) && (!account.NamesPerson || await CoversPersonsAsync([account.Id]));

    public async Task<AccountRecord?> AccountAsync(Id id) =>
        await FindAsync<AccountRecord>(RecordKind.Account, id) is { } account && Reads(account.Organisation) && await CoversAsync(account) ? account : null;

    /// <summary>A person's account of the caller's organisation; for a person, their own alone. Null once they are forgotten.</summary>
    public async Task<AccountRecord?> PersonAsync(Id id) =>
        await FindAsync<AccountRecord>(RecordKind.Account, id) is { NamesPerson: true } account
        && (caller.Person is { } own ? own == id : account.Organisation == caller.Organisation && await CoversAsync(account))
        && await FindAsync<ForgettingRecord>(RecordKind.Forgetting, id) is not { IsForgotten: true } ? account : null;

    /// <summary>A place in a program that the caller's organisation runs, within the caller's scope.</summary>
    public async Task<EnrolmentRecord?> EnrolmentAsync(Id id) =>
        await FindAsync<EnrolmentRecord>(RecordKind.Enrolment, id) is { } enrolment && Covers(enrolment) && await OwnProgramAsync(enrolment.Program) is not null ? enrolment : null;

    /// <summary>True for a place in a program and an area within the caller's scope.</summary>
    public bool Covers(EnrolmentRecord enrolment) => caller.Member.Scope is not { } scope || (scope.Covers(enrolment.Program) && scope.CoversArea(enrolment.Site));

    /// <summary>A program that the caller's organisation runs and the caller's scope covers.</summary>
    public async Task<ProgramRecord?> CoveredProgramAsync(Id id) => Covers(id) ? await OwnProgramAsync(id) : null;

    /// <summary>A program that the caller's organisation runs, to decide in it: what is out of the caller's scope the ledger refuses.</summary>
    public async Task<ProgramRecord?> OwnProgramAsync(Id id) =>
        await FindAsync<ProgramRecord>(RecordKind.Program, id) is { } program && program.Organisation == caller.Organisation ? program : null;

    /// <summary>A program that the caller may stop: of their organisation; for an operator, any.</summary>
    public async Task<ProgramRecord?> StoppableProgramAsync(Id id) =>
        caller.Has(Roles.Operator) ? await FindAsync<ProgramRecord>(RecordKind.Program, id) : await OwnProgramAsync(id);

    /// <summary>A program that the caller's organisation runs, or that follows or says why it does not follow the caller's working group.</summary>
    public async Task<ProgramRecord?> CoordinatedProgramAsync(Id id) =>
        caller.Has(Readers) && await FindAsync<ProgramRecord>(RecordKind.Program, id) is { } program
        && ((program.Organisation == caller.Organisation && Covers(id)) || TermsJson.Of(program).Find<Harmonised>()?.Group == caller.Organisation.ToString()) ? program : null;

    /// <summary>A program that the caller's organisation runs, gives to, or is an accredited vendor of.</summary>
    public async Task<ProgramRecord?> ProgramAsync(Id id) =>
        await FindAsync<ProgramRecord>(RecordKind.Program, id) is { } program
        && ((program.Organisation == caller.Organisation && Covers(id)) || await GivesToAsync(id) || await SellsInAsync(id)) ? program : null;

    public async Task<GrantRecord?> GrantAsync(Id id) =>
        await FindAsync<GrantRecord>(RecordKind.Grant, id) is { } grant && await SeesAsync(grant) ? grant : null;

    /// <summary>A cost of a grant that the caller sees.</summary>
    public async Task<CostRecord?> CostAsync(Id id) =>
        await FindAsync<CostRecord>(RecordKind.Cost, id) is { } cost && await GrantAsync(cost.Grant) is not null ? cost : null;

    /// <summary>True for a grant that the caller's organisation gave, or one of a program that it runs.</summary>
    public async Task<bool> SeesAsync(GrantRecord grant) =>
        Reads(grant.Donor) || (caller.Has(Readers) && await CoveredProgramAsync(grant.Program) is not null);

    /// <summary>A grant of a program that the caller's organisation runs, and the program.</summary>
    public async Task<(GrantRecord Grant, ProgramRecord Program)?> OwnGrantAsync(Id id) =>
        await FindAsync<GrantRecord>(RecordKind.Grant, id) is { } grant && await OwnProgramAsync(grant.Program) is { } program ? (grant, program) : null;

    /// <summary>A settlement request of an own vendor account or in an own program.</summary>
    public async Task<HoldRecord?> SettlementAsync(Id id) =>
        await FindAsync<HoldRecord>(RecordKind.Hold, id) is { Purpose: HoldPurpose.Settlement } hold && await SeesAsync(hold) ? hold : null;

    /// <summary>True for a settlement request of an own vendor account or in an own program.</summary>
    public async Task<bool> SeesAsync(HoldRecord settlement) =>
        await AccountAsync(settlement.Account) is not null || (await CoveredProgramAsync(settlement.Program) is { } program && Reads(program.Organisation));

    /// <summary>A pending payment from or to an account of the caller's organisation.</summary>
    public async Task<HoldRecord?> PaymentAsync(Id id) =>
        await FindAsync<HoldRecord>(RecordKind.Hold, id) is { Purpose: HoldPurpose.Payment } hold
        && (await AccountAsync(hold.Account) is not null || await AccountAsync(hold.Subject) is not null) ? hold : null;

    /// <summary>
    /// True for a transaction of the caller's organisation or in a program the caller sees; an operator sees that any exists. A donor sees
    /// none of a single person: that and when it is would tell of one.
    /// </summary>
    public async Task<bool> MayProveAsync(Transaction transaction) =>
        caller.Has(Roles.Operator)
        || (!transaction.Program.IsNone && await ProgramAsync(transaction.Program) is { } program
            && (program.Organisation == caller.Organisation || !IsOfFew(transaction) || await SellsInAsync(program.Id)))
        || (await FindAsync<MemberRecord>(RecordKind.Member, transaction.Principal) is { } principal && principal.Organisation == caller.Organisation);

    /// <summary>A record that is at least as new as the request: its door has asked for the durable head, and each of its mutations is followed.</summary>
    public async Task<T?> FindAsync<T>(RecordKind kind, Id id)
        where T : Record => (await reader.FindFollowedAsync<T>(kind, id)).Record;

    private static bool IsOfFew(Transaction transaction) =>
        transaction.Kind is not (TransactionKind.DisbursementChunk or TransactionKind.CashInstruction)
        && (transaction.Postings.Any(posting => posting.OfPerson) || transaction.Writes.Any(write => write.Record.NamesPerson) || transaction.Chunk is not null);

    private async Task<bool> GivesToAsync(Id program) =>
        (await reader.ListAsync<GrantRecord>(RecordKind.Grant, program, null, RelatedMax)).Any(grant => grant.Donor == caller.Organisation);

    private async Task<bool> SellsInAsync(Id program)
    {
        if (!caller.Has(Roles.Vendor))
        {
            return false;
        }

        foreach (var account in await reader.ListAsync<AccountRecord>(RecordKind.Account, caller.Organisation, null, RelatedMax))
        {
            if (account.AccountKind == AccountKind.Vendor
                && await FindAsync<AccreditationRecord>(RecordKind.Accreditation, AccreditationRecord.IdOf(program, account.Id)) is { Active: true })
            {
                return true;
            }
        }

        return false;
    }
}
