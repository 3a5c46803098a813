using Humanitarian.Chain.Canonical;
using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Transactions;
using Humanitarian.Domain.Units;
using Humanitarian.Grains.Accounts;
using Humanitarian.Grains.Sequencing;

namespace Humanitarian.Grains.Commands;

/// <content>The other accounts whose word a transaction needs.</content>
internal sealed partial class CommandRunner
{
    // Up to so many a look along a list is faster than a set.
    private const int Few = 16;

    /// <summary>Asks every other account that is debited or has a holding limit; the world and persons merely credited are not.</summary>
    private async ValueTask<(Refusal? Refusal, IReadOnlyList<Lease> Leases)> AskAsync(AccountState? state, Command command, Transaction transaction, EncodedTransaction encoded)
    {
        List<Lease>? leases = null;
        var answered = command.Leases.Count > Few ? command.Leases.Select(lease => lease.Account).ToHashSet() : null;
        var debited = transaction.Postings.Count > Few ? transaction.Postings.Where(posting => posting.AmountMinor < 0).Select(posting => posting.Account).ToHashSet() : null;
        var touched = Effects.TouchedAccounts(transaction);
        for (var index = 0; index < touched.Count; index++)
        {
            var account = touched[index];
            if (account != state?.Account && !IsAnswered(command, answered, account) && !WorldAccount.IsAll(account, Effects.ChangesAt(transaction, index))
                && (IsDebited(transaction, debited, account) || MustBeAsked(account, Effects.ChangesAt(transaction, index)[0].Unit)))
            {
                var answer = await AskOneAsync(account, encoded);
                if (answer.Refusal is { } refusal)
                {
                    return (refusal, leases ?? []);
                }

                (leases ??= []).Add(answer.Lease);
            }
        }

        return (null, leases ?? (IReadOnlyList<Lease>)[]);
    }

    private static bool IsAnswered(Command command, HashSet<Id>? many, Id account)
    {
        if (many is not null)
        {
            return many.Contains(account);
        }

        foreach (var lease in command.Leases)
        {
            if (lease.Account == account)
            {
                return true;
            }
        }

        return false;
    }

    private async Task<AskResult> AskOneAsync(Id account, EncodedTransaction encoded)
    {
        try
        {
            return await services.Asked.AskAsync(account, Submission.ArrayOf(encoded.Open), Submission.ArrayOf(encoded.Closed!.Value), encoded.ClosedHash);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            // Nothing was submitted, so nothing can come of it; what the other account may have reserved ends with its validity.
            return new AskResult(new Refusal(RefusalCode.Retry, "Another account did not answer; ask again."), default);
        }
    }

    /// <summary>A levy debits a payee who receives more than it: the sequencer wants their word for it all the same.</summary>
    private static bool IsDebited(Transaction transaction, HashSet<Id>? many, Id account)
    {
        if (many is not null)
        {
            return many.Contains(account);
        }

        foreach (var posting in transaction.Postings)
        {
            if (posting.AmountMinor < 0 && posting.Account == account)
            {
                return true;
            }
        }

        return false;
    }

    private bool MustBeAsked(Id account, string unit) =>
        unit[0] == UnitRecord.AllowancePrefix
        || (services.Reader.Records.TryGet(new RecordKey(RecordKind.Account, account), out var record) && record.Record is AccountRecord { MustBeAsked: true });

    private async Task DropAsync(IReadOnlyList<Lease> asked, Hash32 transaction, bool isVoid)
    {
        foreach (var lease in asked)
        {
            try
            {
                await services.Asked.DropAsync(lease, transaction, isVoid);
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                // What it reserved ends with its validity; a void lease that it lends again is refused again.
            }
        }
    }
}
