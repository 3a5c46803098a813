using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Households;

/// <summary>Members who leave a household and form a new one.</summary>
/// <param name="Leaving">Accounts of the household that leave it.</param>
/// <param name="Opened">Ids of accounts to open for members who have none.</param>
/// <param name="Size">How many people leave.</param>
/// <param name="NewCollector">Who collects for the new household; the first of its accounts when none.</param>
/// <param name="Collector">Who collects for those who stay; as before when none, or the first who stays.</param>
/// <param name="Programs">The organisation's programs: whoever leaves stays enrolled, and whoever is opened an account is enrolled where the household is.</param>
public sealed record SplitCommand(
    Id Household, IReadOnlyList<Id> Leaving, IReadOnlyList<Id> Opened, int Size, Id NewCollector, Id Collector, IReadOnlyList<Id> Programs);

/// <summary>
/// A household splits. The new one inherits what the old one had claimed until then, so that no period that was paid is paid again;
/// from then on each claims for itself.
/// </summary>
public static class HouseholdSplits
{
    /// <param name="opened">Id of the new household.</param>
    public static Outcome<Transaction> Decide(SplitCommand command, Id opened, DecisionScope scope, ILedgerView view)
    {
        var found = view.Household(command.Household);
        if (found.Record is not { } before || !before.MergedInto.IsNone || command.Leaving.Any(account => !before.Accounts.Contains(account)))
        {
            return new Refusal(RefusalCode.NotFound, "There is no such household with these members.", "household");
        }

        Id[] staying = [.. before.Accounts.Where(account => !command.Leaving.Contains(account))];
        Id[] leaving = [.. before.Accounts.Where(command.Leaving.Contains), .. command.Opened];
        if (staying.Length == 0 || leaving.Length == 0 || command.Size <= 0 || command.Size >= before.Size)
        {
            return new Refusal(RefusalCode.InvalidInput, "Somebody leaves and somebody stays, each with an account.", "accounts");
        }

        var collector = !command.Collector.IsNone ? command.Collector : staying.Contains(before.Collector) ? before.Collector : staying[0];
        var rest = before with
        {
            Size = before.Size - command.Size, Accounts = staying, Collector = collector, Alternates = Alternates(before, leaving, collector),
        };
        var formed = new HouseholdRecord(opened, before.Organisation, command.Size, leaving, command.NewCollector.IsNone ? leaving[0] : command.NewCollector, [])
        {
            Inherits = Inherited(opened, before),
        };
        return Decision.Complete(
            scope.Draft(TransactionKind.HouseholdSplit, namesPersons: true) with
            {
                Writes =
                [
                    new RecordWrite(found.Version + 1, rest),
                    new RecordWrite(1, formed),
                    .. command.Opened.Select(account => new RecordWrite(1, AccountRecord.Open(account, before.Organisation, AccountKind.Beneficiary))),
                    .. Places(before, formed, command, scope.Principal, view),
                ],
            },
            scope,
            view);
    }

    internal static Refusal? Check(Transaction transaction, ILedgerView view)
    {
        if (!transaction.HasClosedPart)
        {
            return null;
        }

        if (transaction.Writes is not [{ Record: HouseholdRecord rest }, { Version: 1, Record: HouseholdRecord formed }, ..]
            || view.Household(rest.Id).Record is not { } before || !before.MergedInto.IsNone)
        {
            return Checks.Broken("A split changes one household and opens another.");
        }

        RecordWrite[] others = [.. transaction.Writes.Skip(2)];
        Id[] opened = [.. others.Select(write => write.Record).OfType<AccountRecord>().Select(account => account.Id)];
        Id[] left = [.. formed.Accounts.Take(formed.Accounts.Count - opened.Length)];
        if (!IsRest(rest, before, left, formed) || !IsFormed(formed, before, left, opened)
            || !others.All(write => IsSound(write, before, formed, left, opened, transaction.Principal, view)))
        {
            return Checks.Broken("A split divides a household's people and accounts, and their places go with them.");
        }

        return Principals.Require(transaction, view, before.Organisation, Roles.Registrar);
    }

    internal static IEnumerable<Claim> Claims(Transaction transaction, ClaimKey key) => [key.HouseholdOpened(transaction.Writes[1].Record.Id)];

    /// <summary>What a household opened now inherits from others: their claims, and what those inherited.</summary>
    internal static Inheritance[] Inherited(Id opened, params IReadOnlyList<HouseholdRecord> from) =>
        [.. from.SelectMany(household => household.Inherits.Prepend(new Inheritance(household.Id, opened))).Distinct()];

    private static bool IsRest(HouseholdRecord rest, HouseholdRecord before, Id[] left, HouseholdRecord formed) =>
        (rest.Organisation, rest.Size, rest.MergedInto) == (before.Organisation, before.Size - formed.Size, Id.None) && rest.Size > 0
        && (rest.CollectorsSetBy, rest.CollectorsSetAt) == (before.CollectorsSetBy, before.CollectorsSetAt)
        && rest.Accounts.Count > 0 && rest.Accounts.SequenceEqual(before.Accounts.Where(account => !left.Contains(account)))
        && rest.Accounts.Contains(rest.Collector) && rest.Inherits.SequenceEqual(before.Inherits)
        && rest.Alternates.SequenceEqual(Alternates(before, left, rest.Collector));

    private static Id[] Alternates(HouseholdRecord before, Id[] left, Id collector) =>
        [.. before.Alternates.Where(account => !left.Contains(account) && account != collector)];

    private static bool IsFormed(HouseholdRecord formed, HouseholdRecord before, Id[] left, Id[] opened) =>
        formed is { Size: > 0, Accounts.Count: > 0 and <= HouseholdRecord.MaximumAccounts, Alternates.Count: 0, MergedInto.IsNone: true, CollectorsSetBy.IsNone: true, CollectorsSetAt: 0 }
        && formed.Organisation == before.Organisation && formed.Accounts.Contains(formed.Collector)
        && left.SequenceEqual(before.Accounts.Where(left.Contains)) && formed.Accounts.SequenceEqual([.. left, .. opened])
        && formed.Accounts.Distinct().Count() == formed.Accounts.Count
        && formed.Inherits.Count <= HouseholdRecord.MaximumInheritances && formed.Inherits.SequenceEqual(Inherited(formed.Id, before));

    private static bool IsSound(RecordWrite write, HouseholdRecord before, HouseholdRecord formed, Id[] left, Id[] opened, Id principal, ILedgerView view) => write.Record switch
    {
        AccountRecord r => write.Version == 1 && PersonalAccounts.IsNew(r, before.Organisation),
        EnrolmentRecord r => left.Contains(r.Account)
            ? view.Enrolment(r.Program, r.Account) is { Active: true } known && known.Household == before.Id && r == known with { Household = formed.Id }
            : opened.Contains(r.Account) && write.Version == 1 && PersonalAccounts.IsNew(r, formed, principal, view),
        _ => false,
    };

    private static IEnumerable<RecordWrite> Places(HouseholdRecord before, HouseholdRecord formed, SplitCommand command, Id principal, ILedgerView view)
    {
        foreach (var program in command.Programs)
        {
            foreach (var account in formed.Accounts.Where(command.Leaving.Contains))
            {
                var (version, known) = view.Find<EnrolmentRecord>(RecordKind.Enrolment, EnrolmentRecord.IdOf(program, account));
                if (known is { Active: true } && known.Household == before.Id)
                {
                    yield return new RecordWrite(version + 1, known with { Household = formed.Id });
                }
            }

            if (view.Program(program) is { Active: true }
                && before.Accounts.Select(account => view.Enrolment(program, account)).FirstOrDefault(known => known is { Active: true }) is { } place)
            {
                foreach (var account in command.Opened)
                {
                    yield return new RecordWrite(1, PersonalAccounts.Enrolled(program, account, formed.Id, principal, place.Site));
                }
            }
        }
    }
}
