using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Humanitarian.Api.Keys;
using Humanitarian.Chain.Crypto;
using Humanitarian.Domain;
using Humanitarian.Grains.Admission;
using Humanitarian.Storage.Side;
using Konscious.Security.Cryptography;

namespace Humanitarian.Api.Beneficiaries;

/// <summary>
/// Hashes of PINs, by Argon2id with a pepper that lies outside the data folder, encrypted as all that concerns a person. Which PIN of a
/// person counts is on the ledger.
/// </summary>
public sealed class Pins : IDisposable
{
    private const string Kind = "pin";
    private const int CostBytes = 8;
    private const int SaltBytes = 16;
    private const int HashBytes = 32;
    private const int StandIns = 4_096;

    private readonly ISideStore store;
    private readonly PersonalVault vault;
    private readonly IRandomSource random;
    private readonly PinLimits limits;
    private readonly Attempts attempts;
    private readonly byte[] pepper;
    private readonly byte[] standIns;
    private readonly PinTurns tills;
    private readonly PinTurns signIns;

    public Pins(ISideStore store, PersonalVault vault, IRandomSource random, TimeProvider time, HumanitarianApiOptions options)
    {
        (this.store, this.vault, this.random, limits) = (store, vault, random, options.Pins);
        attempts = new Attempts(new SealedDocuments(store, options), time);
        pepper = options.Derive("PINs");
        standIns = options.Derive("stand-ins for PINs");

        // Anybody may sign in, or try to; whoever does so by the thousand must not stand before a till.
        (tills, signIns) = (new PinTurns(limits), new PinTurns(limits));
    }

    /// <summary>Keeps a PIN under an id. It counts once the ledger says so.</summary>
    /// <returns>BUSY, or null.</returns>
    public async Task<Refusal?> KeepAsync(Id account, Id organisation, Id id, Pin pin, CancellationToken cancellationToken = default)
    {
        if (!await tills.EnterAsync(cancellationToken))
        {
            return AdmissionGate.Busy;
        }

        try
        {
            var salt = new byte[SaltBytes];
            random.Fill(salt);
            var cost = CostOf(limits);
            byte[] content = [.. cost, .. salt, .. await HashAsync(account, pin, salt, cost)];
            do
            {
                var version = (await store.FindAsync(Kind, id.ToString(), cancellationToken))?.Version ?? 0;
                if (await store.PutAsync(await vault.SealAsync(account, Kind, id.ToString(), organisation, version, content, cancellationToken), cancellationToken))
                {
                    return null;
                }
            }
            while (true);
        }
        finally
        {
            tills.Leave();
        }
    }

    /// <summary>Forgets a PIN that counts no more; false when it was forgotten before, so that one of many who use it once is the first.</summary>
    public async Task<bool> DropAsync(Id id, CancellationToken cancellationToken = default)
    {
        var dropped = await store.DeleteAsync(Kind, id.ToString(), cancellationToken);
        await attempts.ForgetAsync(id.ToString(), cancellationToken);
        await attempts.ForgetAsync(AtSignIn(id), cancellationToken);
        return dropped;
    }

    /// <summary>Compares a PIN given at a till with the one that counts. The attempt is counted before.</summary>
    /// <param name="owner">The vendor's organisation.</param>
    /// <returns>Why it is not the beneficiary's word, or null.</returns>
    public Task<Refusal?> RefuseAsync(Id account, Id id, Id till, Id owner, Pin pin, CancellationToken cancellationToken = default) =>
        RefuseAsync(
            tills, account, id, new Counters(AtTill(id, till), till.ToString(), id.ToString(), owner.ToString()) { AtVendor = $"{id}@vendor {owner}" }, pin, cancellationToken);

    /// <summary>
    /// Compares a PIN or a code given to sign in. Anybody may try, so what is locked by it is signing in alone. An account that has none is
    /// counted, waits and costs as one that has another, so that the time of the answer tells nobody which it is.
    /// </summary>
    /// <param name="account">The account that somebody names, whether there is one or not.</param>
    /// <param name="id">The PIN's or the code's; none when the account has none.</param>
    /// <param name="place">Where it comes from, in a till's place.</param>
    /// <returns>Why it is not the beneficiary's word, or null.</returns>
    internal Task<Refusal?> RefuseAtSignInAsync(Id account, Id id, Id place, Id owner, Pin pin, CancellationToken cancellationToken)
    {
        var counted = id.IsNone ? StandInFor(account) : id;
        return RefuseAsync(
            signIns, account, counted, new Counters(AtTill(counted, place), place.ToString(), AtSignIn(counted), owner.ToString(), id.IsNone ? limits.Wait : null), pin, cancellationToken);
    }

    public void Dispose()
    {
        tills.Dispose();
        signIns.Dispose();
    }

    // Half of what locks the person everywhere: it takes two organisations, however many accounts each opens.
    private int AttemptsAtVendor => (limits.AttemptsOfPerson + 1) / 2;

    private static Refusal NotSet => new(RefusalCode.PinNotSet, "Who confirms has no PIN; their organisation sets one.", "pin");

    private static string AtTill(Id id, Id till) => $"{id}@{till}";

    private static string AtSignIn(Id id) => $"{id}@sign-in";

    /// <summary>
    /// Under which guesses at an account without a PIN are counted. Accounts share some thousands, since anybody can make names of accounts up
    /// and the store must not grow with them; so that those who share one do not lock it for good, these guesses are forgotten after a while.
    /// </summary>
    private Id StandInFor(Id account) => new(0, BinaryPrimitives.ReadUInt16BigEndian(HMACSHA256.HashData(standIns, account.ToBytes())) % (ulong)StandIns);

    // What may not be tried takes no turn from others, and what finds no turn was not tried.
    private async Task<Refusal?> RefuseAsync(PinTurns turns, Id account, Id id, Counters counters, Pin pin, CancellationToken cancellationToken)
    {
        if (id.IsNone)
        {
            return NotSet;
        }

        if (!pin.IsWellFormed)
        {
            return new Refusal(RefusalCode.InvalidInput, "A PIN has 4 to 12 digits.", "pin");
        }

        if (await CountAsync(counters, cancellationToken) is { } tooMany)
        {
            return tooMany;
        }

        if (!await turns.EnterAsync(cancellationToken))
        {
            await GiveBackAsync(counters, cancellationToken);
            return AdmissionGate.Busy;
        }

        try
        {
            return await CompareAsync(account, id, counters, pin, cancellationToken);
        }
        finally
        {
            turns.Leave();
        }
    }

    // The narrowest first, so that what one till may not try any more uses up nothing elsewhere.
    private async Task<Refusal?> CountAsync(Counters of, CancellationToken cancellationToken) =>
        !await attempts.TakeAsync(of.AtTill, of.Owner, limits.AttemptsAtTill, limits.Wait, cancellationToken)
        || !await attempts.TakeAsync(of.Till, of.Owner, limits.AttemptsOfTill, limits.Wait, cancellationToken)
            ? new Refusal(RefusalCode.TillLocked, "Too many wrong PINs at this till; other tills are open, and this one again later.", "pin")
        : of.AtVendor is { } atVendor && !await attempts.TakeAsync(atVendor, of.Owner, AttemptsAtVendor, null, cancellationToken)
            ? new Refusal(RefusalCode.PinLocked, "Too many wrong PINs at this vendor; other vendors are open, and here the beneficiary's organisation helps with a new PIN.", "pin")
        : !await attempts.TakeAsync(of.Person, of.Owner, limits.AttemptsOfPerson, of.ForgetPerson, cancellationToken)
            ? new Refusal(RefusalCode.PinLocked, "Too many wrong PINs; the beneficiary's organisation sets a new one.", "pin")
        : null;

    private async Task GiveBackAsync(Counters of, CancellationToken cancellationToken)
    {
        foreach (var name in new[] { of.AtTill, of.Till, of.AtVendor, of.Person }.OfType<string>())
        {
            await attempts.GiveBackAsync(name, of.Owner, cancellationToken);
        }
    }

    private async Task<Refusal?> CompareAsync(Id account, Id id, Counters counters, Pin pin, CancellationToken cancellationToken)
    {
        if (await store.FindAsync(Kind, id.ToString(), cancellationToken) is not { } document
            || await vault.OpenAsync(account, document, cancellationToken) is not { Length: CostBytes + SaltBytes + HashBytes } content)
        {
            await HashAsync(account, pin, new byte[SaltBytes], CostOf(limits));
            return NotSet;
        }

        // As it was set: another cost of new ones leaves it good.
        var hash = await HashAsync(account, pin, content[CostBytes..(CostBytes + SaltBytes)], content[..CostBytes]);
        if (!CryptographicOperations.FixedTimeEquals(hash, content.AsSpan(CostBytes + SaltBytes)))
        {
            return new Refusal(RefusalCode.PinWrong, "The PIN is wrong.", "pin");
        }

        await attempts.ForgetAsync(counters.AtTill, cancellationToken);
        await attempts.ForgetAsync(counters.Person, cancellationToken);
        if (counters.AtVendor is { } atVendor)
        {
            await attempts.ForgetAsync(atVendor, cancellationToken);
        }

        await attempts.GiveBackAsync(counters.Till, counters.Owner, cancellationToken);
        return null;
    }

    private static byte[] CostOf(PinLimits limits)
    {
        var cost = new byte[CostBytes];
        BinaryPrimitives.WriteInt32BigEndian(cost, limits.MemoryKiB);
        BinaryPrimitives.WriteInt32BigEndian(cost.AsSpan(sizeof(int)), limits.Passes);
        return cost;
    }

    private async Task<byte[]> HashAsync(Id account, Pin pin, byte[] salt, byte[] cost)
    {
        using var argon = new Argon2id(Encoding.ASCII.GetBytes(pin.Digits))
        {
            Salt = salt, KnownSecret = pepper, AssociatedData = account.ToBytes(), DegreeOfParallelism = 1,
            MemorySize = BinaryPrimitives.ReadInt32BigEndian(cost), Iterations = BinaryPrimitives.ReadInt32BigEndian(cost.AsSpan(sizeof(int))),
        };
        return await argon.GetBytesAsync(HashBytes);
    }

    /// <summary>Names under which an attempt is counted.</summary>
    /// <param name="AtTill">Of one person at one till.</param>
    /// <param name="Till">Of anybody at the till.</param>
    /// <param name="Person">Of one person, wherever.</param>
    /// <param name="ForgetPerson">After which time those of one person are forgotten; null for never.</param>
    private sealed record Counters(string AtTill, string Till, string Person, string Owner, TimeSpan? ForgetPerson = null)
    {
        /// <summary>Of one person at all tills of a vendor's organisation; null where somebody signs in.</summary>
        public string? AtVendor { get; init; }
    }
}
