using System.Globalization;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Households;

/// <summary>One row of a list to enrol: the accounts and households that are new are opened by the same transaction.</summary>
public sealed record EnrolmentLine(Id Account, Id Household, int HouseholdSize, string Site);

/// <summary>Enrols beneficiaries of a list, chunk by chunk: the only way a person's account comes to be.</summary>
public static class Enrolments
{
    /// <summary>Most lines of one transaction.</summary>
    public const int MaximumLines = 500;

    /// <summary>Lines that are enrolled already are passed over, so that a later list may name the same people.</summary>
    /// <param name="list">The list's id, with the chunk's number the claim that enrols each chunk once.</param>
    public static Outcome<Transaction> Decide(
        Id program, Id list, int chunk, IReadOnlyList<EnrolmentLine> lines, DecisionScope scope, ILedgerView view)
    {
        if (view.Program(program) is not { } record)
        {
            return new Refusal(RefusalCode.NotFound, "There is no such program.", "program");
        }

        if (lines.Count > MaximumLines)
        {
            return new Refusal(RefusalCode.InvalidInput, $"At most {MaximumLines} lines are enrolled at once.", "lines");
        }

        var writes = new Dictionary<RecordKey, RecordWrite>();
        void Add(Record next, uint version) => writes.TryAdd(next.Key, new RecordWrite(version, next));
        foreach (var line in lines)
        {
            if (view.Find<AccountRecord>(RecordKind.Account, line.Account).Record is null)
            {
                Add(AccountRecord.Open(line.Account, record.Organisation, AccountKind.Beneficiary), 1);
            }

            if (view.Find<HouseholdRecord>(RecordKind.Household, line.Household).Record is null)
            {
                Add(new HouseholdRecord(line.Household, record.Organisation, line.HouseholdSize, [line.Account], line.Account, []), 1);
            }

            var enrolment = view.Find<EnrolmentRecord>(RecordKind.Enrolment, EnrolmentRecord.IdOf(program, line.Account));
            if (enrolment.Record is not { Active: true })
            {
                Add(
                    new EnrolmentRecord(
                        EnrolmentRecord.IdOf(program, line.Account), program, line.Account, line.Household, scope.Principal, line.Site, true),
                    enrolment.Version + 1);
            }
        }

        return Decision.Complete(
            scope.Draft(TransactionKind.Enrolment, namesPersons: true) with
            {
                Program = program,
                Subject = list,
                Labels = [chunk.ToString(CultureInfo.InvariantCulture)],
                Writes = [.. writes.Values],
            },
            scope,
            view);
    }

    internal static Refusal? Check(Transaction transaction, ILedgerView view)
    {
        if (transaction.Labels is not [var label] || !int.TryParse(label, NumberStyles.None, CultureInfo.InvariantCulture, out var chunk)
            || label != chunk.ToString(CultureInfo.InvariantCulture))
        {
            return Checks.Broken("An enrolment names the number of its chunk.");
        }

        if (view.Program(transaction.Program) is not { Active: true } program)
        {
            return new Refusal(RefusalCode.NotFound, "There is no such active program.", "program");
        }

        var places = new Places(program, transaction, view);
        return transaction.Writes.Count <= 3 * MaximumLines && transaction.Writes.All(places.IsSound)
            ? Principals.Require(transaction, view, program.Organisation, Roles.Registrar)
                ?? transaction.Writes.Select(write => write.Record).OfType<EnrolmentRecord>()
                    .Select(enrolment => Principals.RequireArea(transaction.Principal, enrolment.Site, view)).FirstOrDefault(refusal => refusal is not null)
            : Checks.Broken("An enrolment opens beneficiaries' accounts and households and enrols them.");
    }

    internal static IEnumerable<Claim> Claims(Transaction transaction, ClaimKey key) =>
        [key.ListEnrolment(transaction.Program, transaction.Subject, int.Parse(transaction.Labels[0], CultureInfo.InvariantCulture))];

    /// <summary>What an enrolment may write: accounts and households are its program's organisation's, opened here or before.</summary>
    private sealed class Places(ProgramRecord program, Transaction transaction, ILedgerView view)
    {
        private readonly HashSet<Id> accounts = [.. transaction.Writes.Select(write => write.Record).OfType<AccountRecord>().Select(account => account.Id)];
        private readonly HashSet<Id> households = [.. transaction.Writes.Select(write => write.Record).OfType<HouseholdRecord>().Select(household => household.Id)];

        public bool IsSound(RecordWrite write) => write.Record switch
        {
            AccountRecord r => write.Version == 1 && !WorldAccount.IsReserved(r.Id)
                && r.Tags.Count == 0 && r == AccountRecord.Open(r.Id, program.Organisation, AccountKind.Beneficiary) with { Tags = r.Tags },
            HouseholdRecord r => write.Version == 1 && r is { Size: > 0, Accounts: [var only] } && Has(only)
                && HouseholdMerges.AreSame(r, new HouseholdRecord(r.Id, program.Organisation, r.Size, [only], only, [])),
            EnrolmentRecord r => r is { Active: true } && r.Program == program.Id && r.Id == EnrolmentRecord.IdOf(r.Program, r.Account)
                && r.IsEnrolledRightly(view.Find<EnrolmentRecord>(RecordKind.Enrolment, r.Id).Record, transaction.Principal)
                && Has(r.Account) && HasHousehold(r.Household),
            _ => false,
        };

        // Neither an account nor a household ever changes its organisation, so that their versions do not matter.
        private bool Has(Id account) => accounts.Contains(account)
            || (view.Peek<AccountRecord>(RecordKind.Account, account).Record is { NamesPerson: true } known && known.Organisation == program.Organisation);

        private bool HasHousehold(Id household) => households.Contains(household)
            || view.Peek<HouseholdRecord>(RecordKind.Household, household).Record?.Organisation == program.Organisation;
    }
}
