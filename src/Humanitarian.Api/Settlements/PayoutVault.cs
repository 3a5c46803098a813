using System.Security.Cryptography;
using System.Text.Json;
using Humanitarian.Api.Beneficiaries;
using Humanitarian.Domain;
using Humanitarian.Grains.Commands;
using Humanitarian.Storage.Side;

namespace Humanitarian.Api.Settlements;

/// <summary>Where a vendor is paid outside of the ledger.</summary>
/// <param name="Method">How: a bank transfer, mobile money.</param>
/// <param name="Institution">Bank or provider.</param>
/// <param name="Number">Number of the account there.</param>
/// <param name="Holder">Whose account it is.</param>
/// <param name="Contact">Telephone number or address that is told of changes.</param>
public sealed record PayoutDetailsInput(string Method, string Institution, string Number, string Holder, string Contact)
{
    private const int LengthMax = 200;

    internal Refusal? Wrong() =>
        new[] { Method, Institution, Number, Holder, Contact }.Any(text => text.Length is 0 or > LengthMax)
            ? new Refusal(RefusalCode.InvalidInput, "Each of the details has 1 to 200 characters.", "details")
            : null;

    /// <summary>Without the details: a record's generated text would put them in logs.</summary>
    public override string ToString() => nameof(PayoutDetailsInput);
}

/// <summary>Pay-out details, encrypted, each under the hash that the ledger has of it.</summary>
public sealed class PayoutVault(ISideStore store, PersonalVault vault)
{
    private const int IdDigits = 32;
    private const string Kind = "payout-details";
    private const string NoticeKind = "notice";

    /// <summary>Keeps details and answers their salted hash: the same again for the same command.</summary>
    public async Task<Hash32> KeepAsync(CommandContext command, Id account, Id owner, PayoutDetailsInput details, CancellationToken cancellationToken = default)
    {
        byte[] content = [.. vault.SaltOf(command), .. JsonSerializer.SerializeToUtf8Bytes(details)];
        var hash = Hash32.FromSpan(SHA256.HashData(content));

        // Whoever comes second finds the same.
        await store.PutAsync(await vault.SealAsync(account, Kind, hash.ToString(), owner, 0, content, cancellationToken), cancellationToken);
        return hash;
    }

    /// <summary>Details by their hash; null when they are not, or no longer, kept.</summary>
    public async Task<PayoutDetailsInput?> FindAsync(Id account, Hash32 hash, CancellationToken cancellationToken = default) =>
        !hash.IsZero && await store.FindAsync(Kind, hash.ToString(), cancellationToken) is { } document
        && await vault.OpenAsync(account, document, cancellationToken) is { } content && Hash32.FromSpan(SHA256.HashData(content)) == hash
            ? JsonSerializer.Deserialize<PayoutDetailsInput>(content.AsSpan(PersonalVault.SaltBytes))
            : null;

    /// <summary>Queues a notice to the contact of the details that count so far.</summary>
    public async Task NotifyAsync(Id id, Id account, Id owner, Notice notice, CancellationToken cancellationToken = default) => await store.PutAsync(
        await vault.SealAsync(account, NoticeKind, $"{id}{account}", owner, 0, JsonSerializer.SerializeToUtf8Bytes(notice), cancellationToken), cancellationToken);

    /// <summary>Notices that wait, by their place in the queue.</summary>
    /// <param name="owner">The vendor's organisation; null for all.</param>
    public async Task<IReadOnlyList<(string Key, Notice Notice)>> NoticesAsync(Id? owner, string? after, int limit, CancellationToken cancellationToken = default)
    {
        var notices = new List<(string, Notice)>();
        foreach (var document in await store.ListAsync(NoticeKind, owner?.ToString(), after, limit, cancellationToken))
        {
            if (await vault.OpenAsync(AccountOf(document.Key)!.Value, document, cancellationToken) is { } content)
            {
                notices.Add((document.Key, JsonSerializer.Deserialize<Notice>(content)!));
            }
        }

        return notices;
    }

    /// <summary>The vendor's account that a notice is about, by its place in the queue; null for what is no place.</summary>
    public static Id? AccountOf(string key) => key.Length >= IdDigits && Id.TryParse(key[^IdDigits..], out var account) ? account : null;

    /// <summary>Takes a notice out of the queue; false when it is not in it.</summary>
    public async Task<bool> SentAsync(string key, Id? owner, CancellationToken cancellationToken = default) =>
        await store.FindAsync(NoticeKind, key, cancellationToken) is { } document && (owner is null || document.Owner == owner.ToString())
        && await store.DeleteAsync(NoticeKind, key, cancellationToken);
}

/// <summary>What a contact is to be told.</summary>
/// <param name="Contact">Whom.</param>
/// <param name="Code">What about: PAYOUT_DETAILS_PROPOSED or PAYOUT_DETAILS_CONFIRMED.</param>
/// <param name="At">Unix milliseconds at which the change can be confirmed, or was.</param>
public sealed record Notice(string Contact, string Code, long At);
