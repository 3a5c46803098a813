using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Grains.Sequencing;

/// <content>What is read before a batch is judged.</content>
internal sealed partial class SequencerState
{
    /// <summary>Reads in one go what a batch needs and is not in memory.</summary>
    public async Task LoadAsync(IReadOnlyList<Submission> batch, IReadOnlyList<Id> leased, CancellationToken cancellationToken)
    {
        var records = new HashSet<RecordKey>();
        var accounts = new HashSet<Id>(leased.Where(account => !heads.Contains(account)));
        var unsure = new HashSet<Claim>();
        foreach (var submission in batch)
        {
            NoteMissing(submission, records, accounts);
            NoteUnsure(submission.Transaction, unsure);
        }

        await LoadRecordsAsync(records, accounts, cancellationToken);
        if (unsure.Count > 0)
        {
            var taken = (await projections.ClaimsAsync([.. unsure], cancellationToken)).Value.ToDictionary(row => row.Claim, row => row.Place);
            foreach (var claim in unsure)
            {
                claims.Set(claim, taken.TryGetValue(claim, out var place) ? PlaceOf.Of(place) : null, 0);
            }
        }
    }

    private void NoteMissing(Submission submission, HashSet<RecordKey> records, HashSet<Id> accounts)
    {
        var transaction = submission.Transaction;
        var basis = Believed(submission);
        for (var index = 0; basis is null && index < transaction.Reads.Count; index++)
        {
            var read = transaction.Reads[index];
            if (!versions.Contains(read.Key))
            {
                records.Add(read.Key);
            }
        }

        foreach (var seen in basis?.Accounts ?? [])
        {
            if (!heads.Contains(seen.Account))
            {
                heads.Set(seen.Account, seen.Head, 0);
            }
        }

        foreach (var write in transaction.Writes)
        {
            if (basis is null && !versions.Contains(write.Record.Key))
            {
                records.Add(write.Record.Key);
            }

            // Its entries go on from where they are.
            if (write is { Version: > 1, Record: AccountRecord } && !heads.Contains(write.Record.Id))
            {
                accounts.Add(write.Record.Id);
            }
        }

        var touched = Effects.TouchedAccounts(transaction);
        for (var index = 0; index < touched.Count; index++)
        {
            if (!heads.Contains(touched[index]))
            {
                accounts.Add(touched[index]);
            }
        }

        if (submission.Expected is { } expected && !heads.Contains(expected.Account))
        {
            accounts.Add(expected.Account);
        }
    }

    private void NoteUnsure(Transaction transaction, HashSet<Claim> unsure)
    {
        if (transaction.Command is { } command)
        {
            Note(command.Key);
        }

        foreach (var claim in transaction.Claims)
        {
            Note(claim);
        }

        foreach (var claim in transaction.Reopens)
        {
            Note(claim);
        }

        void Note(Claim claim)
        {
            if (!claims.Contains(claim) && (earlier?.MayContain(claim) != false || filter.MayContain(claim)))
            {
                unsure.Add(claim);
            }
        }
    }

    /// <summary>What the submission's silo has read, believed where everything that was written since is in memory.</summary>
    private DecisionBasis? Believed(Submission submission) => submission.Basis is { } basis && basis.Height >= wholeFrom ? basis : null;

    /// <summary>The newest version; null where nobody has written the record since the basis was read.</summary>
    private uint? VersionOf(RecordKey key, DecisionBasis? basis) => versions.TryGet(key, out var version) ? version : basis is null ? 0 : null;

    private async Task LoadRecordsAsync(HashSet<RecordKey> records, HashSet<Id> accounts, CancellationToken cancellationToken)
    {
        if (records.Count + accounts.Count == 0)
        {
            return;
        }

        var keys = records.Concat(accounts.Select(account => new RecordKey(RecordKind.Account, account))).Distinct().ToArray();
        var rows = (await projections.RecordsAsync([.. keys.Select(key => ((int)key.Kind, key.Id))], cancellationToken)).Value
            .ToDictionary(row => new RecordKey((RecordKind)row.Kind, row.Id));
        foreach (var key in keys)
        {
            if (!versions.Contains(key))
            {
                versions.Set(key, rows.TryGetValue(key, out var row) ? row.Version : 0, 0);
            }
        }

        if (accounts.Count == 0)
        {
            return;
        }

        var entries = (await projections.LastEntriesAsync([.. accounts], cancellationToken)).Value.ToDictionary(last => last.Account, last => last.Number);
        foreach (var account in accounts)
        {
            var record = rows.TryGetValue(new RecordKey(RecordKind.Account, account), out var row)
                ? (AccountRecord)Chain.Canonical.RecordCodec.Decode(row.Content.Span)
                : null;
            heads.Set(account, AccountHead.Of(entries.GetValueOrDefault(account), record), 0);
        }
    }
}
