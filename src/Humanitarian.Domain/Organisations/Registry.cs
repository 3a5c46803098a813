using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Cases;
using Humanitarian.Domain.Devices;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Grants;
using Humanitarian.Domain.Households;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Redemptions;
using Humanitarian.Domain.Settlements;
using Humanitarian.Domain.Transactions;
using Humanitarian.Domain.Units;

namespace Humanitarian.Domain.Organisations;

/// <summary>
/// Changes of records by a member: who may write which. Members, programs with their terms and devices need the member's own
/// signature, because they say who may act, under which contract, with which key.
/// </summary>
public static class Registry
{
    private const Roles Signing = Roles.Administrator | Roles.Approver | Roles.Releaser | Roles.Finance | Roles.Operator | Roles.ProgramManager;

    /// <summary>Writes new versions of records.</summary>
    /// <param name="signatures">Left out where <see cref="NeedsSignature"/> is false.</param>
    public static Outcome<Transaction> Decide(
        IReadOnlyList<Record> records, IReadOnlyList<Authorisation> signatures, DecisionScope scope, ILedgerView view)
    {
        var writes = records
            .Select(record => record switch
            {
                DeviceRecord device => device with { RevokedOnDay = RevokedOnDay(device, scope.Now, view) },
                HouseholdRecord household => household.WithCollectorsSetBy(view.Household(household.Id).Record, scope.Principal, scope.Now),
                _ => record,
            })
            .OrderBy(record => record.NamesPerson)
            .Select(record => new RecordWrite(view.Find<Record>(record.Kind, record.Id).Version + 1, record))
            .ToArray();
        return Decision.Complete(
            scope.Draft(TransactionKind.Registry, Array.Exists(writes, write => write.Record.NamesPerson)) with
            {
                Writes = writes,
                Authorisations = NeedsSignature(writes) ? signatures : [],
            },
            scope,
            view);
    }

    /// <summary>True for a change that says who may act or is paid where: members, programs, devices, confirmed pay-out details, and what an organisation asks of its roles.</summary>
    public static bool NeedsSignature(IReadOnlyList<RecordWrite> writes) =>
        Joins.Of(writes) is { } joining
            ? !joining.Member.Address.IsZero
            : writes.Any(write => write.Record is MemberRecord or SampleRecord or InvitationRecord or ProgramRecord or GuidanceRecord or DeviceRecord
                or PayoutDetailsRecord { IsConfirmation: true } || write is { Version: > 1, Record: OrganisationRecord });

    internal static Refusal? Check(Transaction transaction, ILedgerView view)
    {
        if (transaction.Writes.Count == 0 && transaction.HasClosedPart)
        {
            return Checks.Broken("A change of records has records.");
        }

        // Whoever sees no closed part still sees every version of every record that names nobody.
        if (transaction.Writes.Any(write => write.Record.NamesPerson) && transaction.Writes.Any(write => !write.Record.NamesPerson))
        {
            return Invalid("Records of persons and other records change in separate transactions.", "records");
        }

        if (Joins.Of(transaction.Writes) is { } joining)
        {
            return Joins.Check(transaction, joining.Invitation, joining.Member, view);
        }

        if (Samples.Of(transaction.Writes) is { } step)
        {
            return Samples.Check(transaction, step.Sample, step.Disbursement, view) ?? Principals.RequireOwnSignature(transaction, view);
        }

        if (Emergencies.Of(transaction.Writes) is { } emergency)
        {
            return Emergencies.Check(transaction, emergency.Member, emergency.Emergency, view) ?? Principals.RequireOwnSignature(transaction, view);
        }

        foreach (var write in transaction.Writes)
        {
            if ((ProgramClosures.Refuse(write, view) ?? CheckWrite(transaction, write, view)) is { } refusal)
            {
                return refusal;
            }
        }

        return NeedsSignature(transaction.Writes) ? Principals.RequireOwnSignature(transaction, view) : null;
    }

    private static Refusal? CheckWrite(Transaction transaction, RecordWrite write, ILedgerView view) => write.Record switch
    {
        OrganisationRecord r => Organisation(transaction, r, view),
        MemberRecord r => Member(transaction, r, view),
        InvitationRecord r => Invitations.Check(transaction, write, r, view),
        ScreeningRecord r => Screenings.Check(transaction, r, view),
        GuidanceRecord r => Guidance.Check(transaction, r, view),
        UnitRecord r => Unit(write, r) ?? Operator(transaction, view),
        AccountRecord r => Account(transaction, write, r, view),
        HouseholdRecord r => Household(transaction, r, view),
        ProgramRecord r => Program(transaction, write, r, view),
        GrantRecord r => Grant(transaction, write, r, view),
        AccreditationRecord r => Accreditation(transaction, r, view),
        EnrolmentRecord r => Enrolment(transaction, r, view),
        DeviceRecord r => Device(transaction, r, view),
        CredentialRecord r => Forgettings.RequireKnown(r.Id, view) ?? Credentials.Check(transaction, r, view),
        CaseRecord r => Forgettings.RequireKnown(r.Account, view) ?? CaseRules.Check(transaction, write, r, view),
        PrivacyNoticeRecord r => Forgettings.RequireKnown(r.Id, view) ?? r.Check(transaction, view),
        ForgettingRecord r => Forgettings.Check(transaction, r, view),
        PayoutDetailsRecord r => PayoutDetails.Check(transaction, r, view),
        _ => Checks.Broken("This record is not written by a change of records."),
    };

    private static Refusal? Operator(Transaction transaction, ILedgerView view) =>
        Principals.IsOperator(transaction, view) ? null : Principals.Forbidden();

    private static Refusal? Organisation(Transaction transaction, OrganisationRecord r, ILedgerView view) =>
        RequireText(r.Name, "name")
        ?? (!r.SeparateRoles ? Invalid("Who enrols does not approve, and who approves does not release; a program is freed of it for a while by proposeSeparationWaiver.", "separateRoles")
            : !r.Active && view.Member(transaction.Principal).Record?.Organisation == r.Id ? Invalid("The operator's own organisation is not suspended.", "organisationId")
            : Operator(transaction, view));

    private static Refusal? Member(Transaction transaction, MemberRecord r, ILedgerView view)
    {
        // The roles of one change are judged by the records before it, so nobody signs with a key that the change itself brings in.
        var byOperator = Operator(transaction, view) is null;
        var refusal = byOperator ? null : Principals.Require(transaction, view, r.Organisation, Roles.Administrator);
        var current = view.Find<MemberRecord>(RecordKind.Member, r.Id).Record;
        if (refusal is null && !byOperator && ((r.Roles | current?.Roles) ?? r.Roles).HasFlag(Roles.Operator))
        {
            return Principals.Forbidden();
        }

        if (current is not null && current.Organisation != r.Organisation)
        {
            return Invalid("A member stays with their organisation.", "member");
        }

        if (r.Emergency != current?.Emergency)
        {
            return new Refusal(RefusalCode.Stale, "The member took a role in an emergency, or it was reviewed, meanwhile; ask again.");
        }

        return refusal ?? ActingRoles.Check(transaction, current, r, view) ?? MemberKey(r)
            ?? (r.Scope is { IsSound: false } ? Invalid($"A scope has 1 to {MemberScope.Maximum} programs or areas, each once.", "scope") : null);
    }

    /// <summary>Refuses a member without a key whose roles sign.</summary>
    internal static Refusal? MemberKey(MemberRecord r) =>
        r.Address.IsZero && (r.Acting.Aggregate(r.Roles, (roles, acting) => roles | acting.Roles) & Signing) != 0
            ? Invalid("A member who signs needs a key's address.", "address")
            : null;

    private static Refusal? Unit(RecordWrite write, UnitRecord r) =>
        !UnitRecord.IsCode(r.Code) ? Invalid("A unit's code is 2 to 12 capital letters, digits or hyphens.", "code")
        : r.Exponent is < 0 or > 9 ? Invalid("A unit has 0 to 9 decimal places.", "exponent")
        : r.Commodity is { UnitCostMinor: <= 0 } ? Invalid("A commodity's unit cost is positive.", "unitCostMinor")
        : write.Version != 1 ? new Refusal(RefusalCode.AlreadyExists, "The unit exists and never changes.", "code")
        : null;

    private static Refusal? Account(Transaction transaction, RecordWrite write, AccountRecord r, ILedgerView view)
    {
        if (!Enum.IsDefined(r.AccountKind) || !Enum.IsDefined(r.Status) || r.AccountKind is AccountKind.World or AccountKind.Allowance
            || WorldAccount.IsReserved(r.Id) || r.FloorMinor > 0 || r.CeilingMinor < 0 || r.Tags.Count > 16 || r.Tags.Any(tag => tag.Length is 0 or > 64))
        {
            return Invalid("This account cannot be opened.", "kind");
        }

        var current = view.Find<AccountRecord>(RecordKind.Account, r.Id).Record;
        if (write.Version > 1 && (current is null || current.Organisation != r.Organisation || current.AccountKind != r.AccountKind || current.Program != r.Program))
        {
            return Invalid("An account keeps its organisation, kind and program.", "account");
        }

        if (r.Status == AccountStatus.Closed && current is { Status: AccountStatus.Closed })
        {
            return new Refusal(RefusalCode.AccountClosed, "The account is closed already.", "account");
        }

        if (r.Status == AccountStatus.Closed && view.Book(r.Id) is null)
        {
            return new Refusal(RefusalCode.WrongState, "An account is closed by its own command, which knows its balance.", "account");
        }

        if (r.Status == AccountStatus.Closed && view.Book(r.Id) is { IsEmpty: false })
        {
            return new Refusal(RefusalCode.AccountNotEmpty, "Only an empty account without holds can be closed.", "account");
        }

        return current is { Status: AccountStatus.Closed } ? new Refusal(RefusalCode.AccountClosed, "A closed account stays closed.", "account")
            : AccountLimits(r, current, view) is { } outside ? outside
            : Operator(transaction, view) is null ? null
            : Principals.Require(
                transaction, view, r.Organisation,
                r.FloorMinor < (current?.FloorMinor ?? 0) && !r.IsWithinTerms(view) ? Roles.Administrator : Roles.Administrator | Roles.Registrar, r.Program);
    }

    // Credit is for those who take part in exchange; vendors are paid out, and pools hold what was given.
    private static Refusal? AccountLimits(AccountRecord r, AccountRecord? current, ILedgerView view)
    {
        if (r.FloorMinor < 0 && r.AccountKind is not (AccountKind.Member or AccountKind.Beneficiary or AccountKind.Organisation or AccountKind.CommonsFund))
        {
            return Invalid("An account of this kind has no credit.", "floorMinor");
        }

        if (r.IsOfProgram && !r.FitsProgram(view))
        {
            return Invalid("A program's accounts belong to its organisation; their credit is bounded, and its commons fund is one.", "program");
        }

        return (r.FloorMinor, r.CeilingMinor) != (current?.FloorMinor ?? 0, current?.CeilingMinor ?? long.MaxValue) && view.Book(r.Id) is { } book
            && book.Units.Where(unit => !UnitRecord.IsShadow(unit)).Any(unit => book.Available(unit) < r.FloorMinor || book.Highest(unit) > r.CeilingMinor)
            ? new Refusal(RefusalCode.WrongState, "The account's balance lies outside these limits.", "floorMinor")
            : null;
    }

    private static Refusal? Household(Transaction transaction, HouseholdRecord r, ILedgerView view) =>
        r.Size <= 0 ? Invalid("A household has at least one person.", "size")
        : r != r.WithCollectorsSetBy(view.Household(r.Id).Record, transaction.Principal, transaction.DecidedAt)
            ? Checks.Broken("Who says who collects is the member who does.")
        : view.Find<HouseholdRecord>(RecordKind.Household, r.Id).Record is { } current && current.Organisation != r.Organisation
            ? Invalid("A household stays with its organisation.", "household")
        : !HouseholdKeeps(r, view.Find<HouseholdRecord>(RecordKind.Household, r.Id).Record)
            ? Invalid("A household is divided, united or bereaved by its own commands; a change keeps its accounts and who collects is one of them.", "household")
        : RequireHouseholdChanger(transaction, r, view)
            ?? (r.Accounts.Append(r.Collector).Concat(r.Alternates).All(id =>
                    (view.Peek<AccountRecord>(RecordKind.Account, id).Record ?? Opened(transaction, id)) is { NamesPerson: true } account
                    && account.Organisation == r.Organisation)
                ? null
                : Invalid("A household's accounts are persons' of the same organisation.", "accounts"));

    // Who may collect instead is stopped at once, by whoever helps people or by the person they collect for; everything else is a registrar's.
    private static Refusal? RequireHouseholdChanger(Transaction transaction, HouseholdRecord r, ILedgerView view) =>
        view.Household(r.Id).Record is { } current
        && HouseholdMerges.AreSame(r, (current with { Alternates = [] }).WithCollectorsSetBy(current, transaction.Principal, transaction.DecidedAt))
            ? Credentials.IsOwn(transaction.Principal, r.Collector, view) ? null
                : Principals.Require(transaction, view, r.Organisation, Credentials.Blockers)
            : Principals.Require(transaction, view, r.Organisation, Roles.Registrar);

    private static AccountRecord? Opened(Transaction transaction, Id account) =>
        transaction.Writes.Select(write => write.Record).OfType<AccountRecord>().FirstOrDefault(record => record.Id == account);

    // Who leaves takes claims along, and who merges is gone: neither may happen by the way.
    private static bool HouseholdKeeps(HouseholdRecord r, HouseholdRecord? current) =>
        r.MergedInto.IsNone && current is null or { MergedInto.IsNone: true } && r.Inherits.SequenceEqual(current?.Inherits ?? [])
        && r.Accounts.Contains(r.Collector) && r.Accounts.Count <= HouseholdRecord.MaximumAccounts && r.Alternates.Count <= HouseholdRecord.MaximumAccounts
        && (current is null || current.Accounts.All(r.Accounts.Contains));

    private static Refusal? Accreditation(Transaction transaction, AccreditationRecord r, ILedgerView view) =>
        OfProgram(transaction, r.Program, view, Roles.Administrator | Roles.ProgramManager)
        ?? (r.Id == AccreditationRecord.IdOf(r.Program, r.VendorAccount) && view.Account(r.VendorAccount) is { AccountKind: AccountKind.Vendor }
            && (view.Find<AccreditationRecord>(RecordKind.Accreditation, r.Id).Record is not { } current
                || (current.Program, current.VendorAccount) == (r.Program, r.VendorAccount))
            ? r.Active ? Screenings.Require(view.Program(r.Program)!, view.Account(r.VendorAccount)!.Organisation, transaction.DecidedAt, view) : null
            : Invalid("Only a vendor's account can be accredited.", "vendorAccount"));

    private static Refusal? Program(Transaction transaction, RecordWrite write, ProgramRecord r, ILedgerView view)
    {
        if (RequireText(r.Name, "name") is { } refusal)
        {
            return refusal;
        }

        var read = TermsJson.Read(r.Terms);
        if (read.Refusal is { } invalid || TermsJson.Write(read.Value!) != r.Terms)
        {
            return read.Refusal ?? Invalid("Terms are recorded in their canonical form.", "terms");
        }

        var current = view.Find<ProgramRecord>(RecordKind.Program, r.Id).Record;
        if (ProgramGovernance.IsChanged(current, r))
        {
            return ProgramGovernance.Check(transaction, current, r, view);
        }

        if (r.TermsVersion != (current?.TermsVersion ?? 1) || !r.Active
            || (current is not null && (current.Unit, current.Pool, current.ReturnQueue, current.Organisation) != (r.Unit, r.Pool, r.ReturnQueue, r.Organisation)))
        {
            return Invalid("A program keeps its unit, accounts and organisation; its terms are amended, and it is closed, by commands of their own.", "program");
        }

        if (write.Version == 1 && !OpensAccounts(transaction, r))
        {
            return Checks.Broken("A new program opens its pool and its return queue.");
        }

        return view.Unit(r.Unit) is null ? new Refusal(RefusalCode.UnitUnknown, "There is no such unit; an operator defines it first.", "unit")
            : Principals.Require(transaction, view, r.Organisation, Roles.Administrator, r.Id);
    }

    private static bool OpensAccounts(Transaction transaction, ProgramRecord r) =>
        transaction.Writes.Any(write => write.Record is AccountRecord { AccountKind: AccountKind.ProgramPool } a && a.Id == r.Pool && IsOf(a, r))
        && transaction.Writes.Any(write => write.Record is AccountRecord { AccountKind: AccountKind.ReturnQueue } a && a.Id == r.ReturnQueue && IsOf(a, r));

    private static bool IsOf(AccountRecord account, ProgramRecord program) =>
        (account.Program, account.Organisation, account.Status) == (program.Id, program.Organisation, AccountStatus.Open);

    private static Refusal? Grant(Transaction transaction, RecordWrite write, GrantRecord r, ILedgerView view)
    {
        if (r.IndirectRate is < 0 or > GrantRecord.MaximumIndirectRate)
        {
            return Invalid("An indirect cost rate is 0 to 10,000 basis points.", "indirectRate");
        }

        if (r.CommitmentMinor <= 0 || r.EligibleFrom >= r.EligibleUntil || r.BudgetLines.Any(line => line.LimitMinor < 0)
            || r.BudgetLines.Select(line => line.Code).Distinct().Count() != r.BudgetLines.Count)
        {
            return Invalid("A grant has a positive commitment and ends after it begins.", "grant");
        }

        var current = view.Grant(r.Id).Record;
        if (current is null
            ? r.ReceivedMinor != 0 || r.IndirectMinor != 0 || r.BudgetLines.Any(line => line.SpentMinor != 0)
            : r.ReceivedMinor != current.ReceivedMinor || r.CommitmentMinor < current.ReceivedMinor || r.Program != current.Program
              || r.Unit != current.Unit || r.Donor != current.Donor || r.IndirectMinor != current.IndirectMinor
              || !KeepsSpent(r.BudgetLines, current.BudgetLines))
        {
            return Invalid("What a grant has received and spent changes only with the money.", "grant");
        }

        return view.Program(r.Program) is not { } program ? NotFound("program")
            : view.Unit(r.Unit) is null ? new Refusal(RefusalCode.UnitUnknown, "There is no such unit; an operator defines it first.", "unit")
            : view.Organisation(r.Donor) is null ? NotFound("donor")
            : write.Version > 1 && current is null ? NotFound("grant")
            : Principals.Require(transaction, view, program.Organisation, Roles.Administrator | Roles.Finance, program.Id);
    }

    // A revised budget may have other lines and limits; what was spent stands, and every limit covers it.
    private static bool KeepsSpent(IReadOnlyList<BudgetLine> lines, IReadOnlyList<BudgetLine> before) =>
        lines.All(line => line.SpentMinor == (before.FirstOrDefault(one => one.Code == line.Code)?.SpentMinor ?? 0) && line.SpentMinor <= line.LimitMinor)
        && before.All(line => line.SpentMinor == 0 || lines.Any(one => one.Code == line.Code));

    private static Refusal? Enrolment(Transaction transaction, EnrolmentRecord r, ILedgerView view)
    {
        var current = view.Find<EnrolmentRecord>(RecordKind.Enrolment, r.Id).Record;
        return r.Id != EnrolmentRecord.IdOf(r.Program, r.Account) || !r.IsEnrolledRightly(current, transaction.Principal)
            ? Checks.Broken("An enrolment names the member who enrolled.")
            : current is { Active: true } && current.Household != r.Household ? Invalid("Who is enrolled changes their household by a split or a merge.", "household")
            : current is { Active: false } && !r.Active ? new Refusal(RefusalCode.NotEnrolled, "The beneficiary is not enrolled in the program; enrol them first.", "account")
            : current is not null && current.Active != r.Active && current.Site != r.Site ? new Refusal(RefusalCode.Stale, "The beneficiary was withdrawn or moved meanwhile; ask again.")
            : r.Site.Length > EnrolmentRecord.MaximumSite ? Invalid($"A site has at most {EnrolmentRecord.MaximumSite} characters.", "site")
            : OfProgram(transaction, r.Program, view, Roles.Registrar)
                ?? Principals.RequireArea(transaction.Principal, r.Site, view)
                ?? (current is null ? null : Principals.RequireArea(transaction.Principal, current.Site, view))
                ?? (view.Program(r.Program) is { } program
                    && view.Peek<AccountRecord>(RecordKind.Account, r.Account).Record is { NamesPerson: true } account && account.Organisation == program.Organisation
                    && view.Peek<HouseholdRecord>(RecordKind.Household, r.Household).Record?.Organisation == program.Organisation
                    ? null
                    : Invalid("An enrolment is of a person's account and a household of the program's organisation.", "account"));
    }

    private static long RevokedOnDay(DeviceRecord r, long at, ILedgerView view) =>
        r.Active ? 0 : view.Device(r.Id).Record is { Active: false } current ? current.RevokedOnDay : Limits.DayOf(at);

    private static Refusal? Device(Transaction transaction, DeviceRecord r, ILedgerView view) =>
        r.RevokedOnDay != RevokedOnDay(r, transaction.DecidedAt, view) ? new Refusal(RefusalCode.Stale, "A device is revoked on the day of its revocation; ask again.")
        : r.Address.IsZero || r.PerDayMinor <= 0 || r.PerBeneficiaryMinor <= 0
            ? Invalid("A device has a key's address and positive limits.", "device")
            : view.Member(r.Member).Record is not { } agent || agent.Organisation != r.Organisation || !agent.Has(Roles.FieldAgent)
                ? Invalid("A device belongs to a field agent of the organisation.", "member")
                : (view.Device(r.Id).Record is not { } current ? null
                    : current.Organisation != r.Organisation ? Invalid("A device stays with its organisation.", "device")
                    : OfProgram(transaction, current.Program, view, Roles.Administrator | Roles.ProgramManager, ofArea: true)
                        ?? Principals.RequireArea(transaction.Principal, current.Site, view))
                ?? OfProgram(transaction, r.Program, view, Roles.Administrator | Roles.ProgramManager, ofArea: true)
                ?? Principals.RequireArea(transaction.Principal, r.Site, view);

    private static Refusal? OfProgram(Transaction transaction, Id id, ILedgerView view, Roles anyOf, bool ofArea = false) =>
        view.Program(id) is { } program ? Principals.Require(transaction, view, program.Organisation, anyOf, id, ofArea) : NotFound("program");

    private static Refusal? RequireText(string text, string field) =>
        text.Length is > 0 and <= 200 ? null : Invalid("A name has 1 to 200 characters.", field);

    private static Refusal NotFound(string field) => new(RefusalCode.NotFound, $"There is no such {field}.", field);

    private static Refusal Invalid(string message, string field) => new(RefusalCode.InvalidInput, message, field);
}
