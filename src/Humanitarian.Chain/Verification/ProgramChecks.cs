using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Programs.Rules;

namespace Humanitarian.Chain.Verification;

/// <summary>What must hold of each program's accounts together once everything is replayed.</summary>
public static class ProgramChecks
{
    /// <summary>The first program whose sums do not stand, or null. The state must hold the closed parts' accounts.</summary>
    public static VerificationFailure? Check(LedgerState state, ulong height)
    {
        var balances = Balances(state);
        foreach (var (_, record) in state.Records)
        {
            if (record is ProgramRecord program && TermsJson.Of(program).Rules.OfType<MutualCredit>().Any() && balances.GetValueOrDefault(program.Id) != 0)
            {
                return Invariants.Fail(Invariants.SumsToZero, height, null, $"The balances of mutual credit program {program.Id} do not sum to zero.");
            }

            if (record is ProgramRecord { Active: false } closed && !state.Book(closed.Pool).IsEmpty)
            {
                return Invariants.Fail(Invariants.Donations, height, null, $"Closed program {closed.Id} has something left in its pool.");
            }

            if (record is LotRecord { IsReceipt: false } lot && state.Peek<ProgramRecord>(RecordKind.Program, lot.Program).Record is { Active: false }
                && (NetFlow.WithPeople(flow => state.Flow(lot.Id, flow)) != 0 || Completions.WithProvider(lot.Id, state) != 0))
            {
                return Invariants.Fail(Invariants.Donations, height, null, $"People or a provider still hold units of lot {lot.Id} of a closed program.");
            }

            if (record is ProgramRecord currency && TermsJson.Of(currency).Rules.OfType<BackedByDeposits>().FirstOrDefault() is { } rule
                && state.Book(currency.Pool).AvailableOf(rule.Money, Id.None) < balances.GetValueOrDefault(currency.Id))
            {
                return Invariants.Fail(Invariants.SumsToZero, height, null, $"The reserve of local currency {currency.Id} does not cover what circulates.");
            }
        }

        return null;
    }

    /// <summary>What the accounts of each program have together in its unit, without lots, in minor units.</summary>
    public static IReadOnlyDictionary<Id, Int128> Balances(LedgerState state)
    {
        var sums = new Dictionary<Id, Int128>();
        foreach (var (id, book) in state.Books)
        {
            if (state.Peek<AccountRecord>(RecordKind.Account, id).Record is { IsOfProgram: true } account
                && state.Peek<ProgramRecord>(RecordKind.Program, account.Program).Record is { } program)
            {
                sums[program.Id] = sums.GetValueOrDefault(program.Id) + book.AvailableOf(program.Unit, Id.None) + book.HeldOf(program.Unit, Id.None);
            }
        }

        return sums;
    }
}
