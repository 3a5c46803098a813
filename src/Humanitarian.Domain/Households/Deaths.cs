using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Households;

/// <summary>A member of a household has died.</summary>
/// <param name="Account">The deceased member's account.</param>
/// <param name="Successor">A member or alternate, or an account that is opened for somebody who has none.</param>
/// <param name="Programs">The organisation's programs: the successor is enrolled where the deceased member is.</param>
public sealed record DeathCommand(Id Household, Id Account, Id Successor, IReadOnlyList<Id> Programs);

/// <summary>
/// A death closes nobody's entitlement: the household keeps what it may claim, somebody else collects, and what is on the way to the
/// deceased member's account still arrives there. Nobody pays from that account any more; its balances pass by a <see cref="Successions"/>.
/// </summary>
public static class Deaths
{
    /// <param name="succession">Id of the succession to open.</param>
    public static Outcome<Transaction> Decide(DeathCommand command, Id succession, DecisionScope scope, ILedgerView view)
    {
        var found = view.Household(command.Household);
        var account = view.Find<AccountRecord>(RecordKind.Account, command.Account);
        if (found.Record is not { } before || account.Record is null || !before.Accounts.Contains(command.Account))
        {
            return new Refusal(RefusalCode.NotFound, "There is no such member of this household.", "account");
        }

        var known = view.Peek<AccountRecord>(RecordKind.Account, command.Successor).Record;
        return Decision.Complete(
            scope.Draft(TransactionKind.Death, namesPersons: true) with
            {
                Writes =
                [
                    new RecordWrite(found.Version + 1, After(before, command.Account, command.Successor)),
                    new RecordWrite(account.Version + 1, account.Record with { Status = AccountStatus.Frozen }),
                    new RecordWrite(1, new SuccessionRecord(succession, before.Id, command.Account, command.Successor, scope.Principal, Id.None)),
                    .. known is null ? [new RecordWrite(1, AccountRecord.Open(command.Successor, before.Organisation, AccountKind.Beneficiary))] : Array.Empty<RecordWrite>(),
                    .. Places(command, before, scope.Principal, view),
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

        if (transaction.Writes is not
                [{ Record: HouseholdRecord household }, { Record: AccountRecord account }, { Version: 1, Record: SuccessionRecord succession }, ..]
            || view.Household(household.Id).Record is not { MergedInto.IsNone: true } before || !before.Accounts.Contains(account.Id)
            || view.Account(account.Id) is not { } known || known.Organisation != before.Organisation)
        {
            return Checks.Broken("A death changes a household and one of its accounts, and opens a succession.");
        }

        if (known.Status == AccountStatus.Closed)
        {
            return new Refusal(RefusalCode.AccountClosed, "The account is closed.", "account");
        }

        RecordWrite[] others = [.. transaction.Writes.Skip(3)];
        var opened = others.Any(write => write.Record is AccountRecord next && next.Id == succession.To);
        if (succession.To == account.Id || (!opened && !before.Accounts.Concat(before.Alternates).Contains(succession.To)))
        {
            return new Refusal(RefusalCode.InvalidInput, "Whoever succeeds is a member, an alternate, or somebody who has no account yet.", "successor");
        }

        if (account != known with { Status = AccountStatus.Frozen, Tags = account.Tags } || !account.Tags.SequenceEqual(known.Tags)
            || succession != new SuccessionRecord(succession.Id, before.Id, account.Id, succession.To, transaction.Principal, Id.None)
            || !IsAfter(household, After(before, account.Id, succession.To))
            || others.Count(write => write.Record is AccountRecord) > 1
            || !others.All(write => IsSound(write, before, succession, transaction.Principal, view)))
        {
            return Checks.Broken("After a death the household has one member less, and somebody else collects.");
        }

        return Principals.Require(transaction, view, before.Organisation, Roles.Registrar);
    }

    private static HouseholdRecord After(HouseholdRecord before, Id account, Id successor) => before with
    {
        Size = Math.Max(1, before.Size - 1),
        Accounts = [.. before.Accounts.Where(other => other != account), .. before.Accounts.Contains(successor) ? Array.Empty<Id>() : [successor]],
        Collector = before.Collector == account ? successor : before.Collector,
        Alternates = [.. before.Alternates.Where(other => other != account && other != successor)],
    };

    private static bool IsAfter(HouseholdRecord next, HouseholdRecord expected) =>
        (next.Organisation, next.Size, next.Collector, next.MergedInto) == (expected.Organisation, expected.Size, expected.Collector, expected.MergedInto)
        && (next.CollectorsSetBy, next.CollectorsSetAt) == (expected.CollectorsSetBy, expected.CollectorsSetAt)
        && next.Accounts.Count <= HouseholdRecord.MaximumAccounts && next.Accounts.SequenceEqual(expected.Accounts)
        && next.Alternates.SequenceEqual(expected.Alternates) && next.Inherits.SequenceEqual(expected.Inherits);

    private static bool IsSound(RecordWrite write, HouseholdRecord before, SuccessionRecord succession, Id principal, ILedgerView view) => write switch
    {
        { Version: 1, Record: AccountRecord r } => r.Id == succession.To && PersonalAccounts.IsNew(r, before.Organisation),
        { Version: 1, Record: EnrolmentRecord r } => r.Account == succession.To && PersonalAccounts.IsNew(r, before, principal, view),
        _ => false,
    };

    private static IEnumerable<RecordWrite> Places(DeathCommand command, HouseholdRecord before, Id principal, ILedgerView view)
    {
        foreach (var program in command.Programs)
        {
            if (view.Program(program) is { Active: true } && view.Enrolment(program, command.Account) is { Active: true } place
                && view.Find<EnrolmentRecord>(RecordKind.Enrolment, EnrolmentRecord.IdOf(program, command.Successor)).Version == 0)
            {
                yield return new RecordWrite(1, PersonalAccounts.Enrolled(program, command.Successor, before.Id, principal, place.Site));
            }
        }
    }
}
