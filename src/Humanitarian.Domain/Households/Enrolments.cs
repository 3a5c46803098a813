using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Organisations;
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
                Labels = [chunk.ToString(System.Globalization.CultureInfo.InvariantCulture)],
                Writes = [.. writes.Values],
            },
            scope,
            view);
    }

    internal static Refusal? Check(Transaction transaction, ILedgerView view)
    {
        if (transaction.Postings.Count > 0 || transaction.Labels.Count != 1 || !int.TryParse(transaction.Labels[0], out _))
        {
            return Checks.Broken("An enrolment has no postings.");
        }

        if (view.Program(transaction.Program) is not { Active: true } program)
        {
            return new Refusal(RefusalCode.NotFound, "There is no such active program.", "program");
        }

        foreach (var write in transaction.Writes)
        {
            var sound = write.Record switch
            {
                AccountRecord r => write.Version == 1 && r == AccountRecord.Open(r.Id, program.Organisation, AccountKind.Beneficiary) with { Tags = r.Tags } && r.Tags.Count == 0,
                HouseholdRecord r => write.Version == 1 && r.Organisation == program.Organisation && r.Size > 0,
                EnrolmentRecord r => r.Program == program.Id && r.EnrolledBy == transaction.Principal && r.Active
                    && r.Id == EnrolmentRecord.IdOf(r.Program, r.Account),
                _ => false,
            };
            if (!sound)
            {
                return Checks.Broken("An enrolment opens beneficiaries' accounts and households and enrols them.");
            }
        }

        return Principals.Require(transaction, view, program.Organisation, Roles.Registrar);
    }

    internal static IEnumerable<Claim> Claims(Transaction transaction, ClaimKey key) =>
        [key.ListEnrolment(transaction.Program, transaction.Subject, int.Parse(transaction.Labels[0], System.Globalization.CultureInfo.InvariantCulture))];
}
