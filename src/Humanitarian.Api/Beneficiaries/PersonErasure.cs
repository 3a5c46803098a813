using Humanitarian.Api.Cases;
using Humanitarian.Domain;
using Humanitarian.Domain.Cases;
using Humanitarian.Domain.Households;
using Humanitarian.Domain.Redemptions;
using Humanitarian.Grains.Reading;
using Humanitarian.Storage.Side;

namespace Humanitarian.Api.Beneficiaries;

/// <summary>
/// Deletes what is kept beside the ledger of persons whom it says to forget: the key under which their data is encrypted, that data, who has
/// looked at them, and the keyed hashes that lead from a telephone number or a name to their account. It may be done again.
/// </summary>
public sealed class PersonErasure(LedgerReader reader, ISideStore store, IMatchingStore matching, PersonalVault vault, Pins pins, CaseTexts texts, AccessLog log)
{
    private const string Kind = "forgetting";
    private const int Page = 200;

    /// <summary>Notes that a person is about to be forgotten, so that a crash between the ledger and here leaves nothing behind.</summary>
    internal async Task IntendAsync(Id account, Id organisation, CancellationToken cancellationToken = default) =>
        await store.PutAsync(new SideDocument(Kind, account.ToString(), organisation.ToString(), 0, "{}"), cancellationToken);

    /// <summary>Deletes all that is kept of a person; nothing unless the ledger says so.</summary>
    internal async Task EraseAsync(Id account, CancellationToken cancellationToken = default)
    {
        if ((await reader.FindAsync<ForgettingRecord>(RecordKind.Forgetting, account, cancellationToken)).Record is not { IsForgotten: true } forgotten)
        {
            return;
        }

        await vault.ForgetAsync(account, cancellationToken);
        if ((await reader.FindAsync<CredentialRecord>(RecordKind.Credential, account, cancellationToken)).Record is { } credential)
        {
            await pins.DropAsync(credential.Pin, cancellationToken);
            await pins.DropAsync(credential.Login, cancellationToken);
        }

        Id? after = null;
        while (await reader.ListAsync<CaseRecord>(RecordKind.Case, account, after, Page, cancellationToken) is { Count: > 0 } cases)
        {
            foreach (var one in cases)
            {
                await texts.ForgetAsync(one.Id, cancellationToken);
            }

            after = cases[^1].Id;
        }

        await log.ForgetAsync(account, cancellationToken);
        await matching.ForgetAsync(forgotten.Organisation, account, cancellationToken);
        await store.DeleteAsync(Kind, account.ToString(), cancellationToken);
    }

    /// <summary>
    /// Deletes what a crash has left, and what a backup has brought back of persons whom the ledger says to forget. How many persons that were.
    /// </summary>
    internal async Task<int> FinishAsync(CancellationToken cancellationToken = default)
    {
        var left = new HashSet<Id>();
        string? key = null;
        while (await store.ListAsync(Kind, null, key, Page, cancellationToken) is { Count: > 0 } intended)
        {
            left.UnionWith(intended.Select(one => Id.Parse(one.Key)));
            key = intended[^1].Key;
        }

        Id? after = null;
        while (await reader.ListAsync<ForgettingRecord>(RecordKind.Forgetting, null, after, Page, cancellationToken) is { Count: > 0 } forgotten)
        {
            foreach (var one in forgotten)
            {
                if (one.IsForgotten && (left.Contains(one.Id) || await vault.HasKeyAsync(one.Id, cancellationToken)))
                {
                    left.Add(one.Id);
                    await EraseAsync(one.Id, cancellationToken);
                }
            }

            after = forgotten[^1].Id;
        }

        return left.Count;
    }
}
