using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace Humanitarian.Domain;

/// <summary>
/// The ledger's key for claims. A claim is the first 128 bits of HMAC-SHA-256 over a scope byte and the parts, each preceded by its
/// length as two big-endian bytes. Genesis commits to the key; auditors receive it.
/// </summary>
public sealed class ClaimKey
{
    /// <summary>Bytes of a claim key.</summary>
    public const int Size = 32;

    private readonly byte[] key;
    private readonly ConcurrentBag<IncrementalHash> idle = [];

    /// <exception cref="ArgumentException">The key has not 32 bytes.</exception>
    public ClaimKey(ReadOnlySpan<byte> key)
    {
        if (key.Length != Size)
        {
            throw new ArgumentException("A claim key has 32 bytes.", nameof(key));
        }

        this.key = key.ToArray();
    }

    private enum Scope : byte
    {
        CommandKey = 1,
        CommandContent = 2,
        Entitlement = 3,
        Household = 4,
        Chunk = 5,
        HoldEnd = 6,
        DeviceCounter = 7,
        Line = 8,
        ListEnrolment = 9,
        HouseholdOpened = 40,
        CardChallenge = 60,
    }

    /// <summary>The command key of a principal (1 to 255 bytes).</summary>
    public Claim CommandKey(Id principal, string clientKey)
    {
        Span<byte> id = stackalloc byte[Id.Size];
        principal.CopyTo(id);
        Span<byte> text = clientKey.Length <= 256 ? stackalloc byte[3 * 256] : new byte[3 * clientKey.Length];
        return Hash(Scope.CommandKey, id, text[..Encoding.UTF8.GetBytes(clientKey, text)]);
    }

    /// <summary>The content that a command key is bound to.</summary>
    public Claim CommandContent(ReadOnlySpan<byte> content)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(content, digest);
        return Hash(Scope.CommandContent, digest, default, parts: 1);
    }

    /// <summary>One entitlement: (beneficiary, program, period, instalment).</summary>
    public Claim Entitlement(Id account, Id program, string period, int instalment) =>
        Hash(Scope.Entitlement, account.ToBytes(), program.ToBytes(), Encoding.UTF8.GetBytes(period), Number(instalment));

    /// <summary>One assistance of a kind to a household in a calendar period.</summary>
    public Claim HouseholdAssistance(Id household, string kind, string period) =>
        Hash(Scope.Household, household.ToBytes(), Encoding.UTF8.GetBytes(kind), Encoding.UTF8.GetBytes(period));

    /// <summary>One chunk of a disbursement.</summary>
    public Claim DisbursementChunk(Id disbursement, int index) => Hash(Scope.Chunk, disbursement.ToBytes(), Number(index));

    /// <summary>One line of a disbursement, delivered in person.</summary>
    public Claim DisbursementLine(Id disbursement, Id account) => Hash(Scope.Line, disbursement.ToBytes(), account.ToBytes());

    /// <summary>The end of a hold.</summary>
    public Claim HoldEnd(Id hold) => Hash(Scope.HoldEnd, hold.ToBytes());

    /// <summary>The answer of a card to a challenge.</summary>
    public Claim CardChallenge(Id challenge) => Hash(Scope.CardChallenge, challenge.ToBytes());

    /// <summary>A signed statement of a device.</summary>
    public Claim DeviceCounter(Id device, ulong counter) => Hash(Scope.DeviceCounter, device.ToBytes(), Number(unchecked((long)counter)));

    /// <summary>One chunk of a list's enrolment in a program.</summary>
    public Claim ListEnrolment(Id program, Id list, int chunk) => Hash(Scope.ListEnrolment, program.ToBytes(), list.ToBytes(), Number(chunk));

    /// <summary>The opening of a household by a split or a merge: its place tells what the household inherits.</summary>
    public Claim HouseholdOpened(Id household) => Hash(Scope.HouseholdOpened, household.ToBytes());

    /// <summary>An id that follows from a command, so that a repeated command names the same thing.</summary>
    public static Id IdFrom(Claim command, byte part = 0) => new(command.High, unchecked(command.Low + part));

    /// <summary>The key's bytes, for its file and for auditors.</summary>
    public byte[] Export() => [.. key];

    private Claim Hash(Scope scope, params ReadOnlySpan<byte[]> parts)
    {
        var length = 1;
        foreach (var part in parts)
        {
            length += 2 + part.Length;
        }

        Span<byte> message = length <= 512 ? stackalloc byte[length] : new byte[length];
        message[0] = (byte)scope;
        var at = 1;
        foreach (var part in parts)
        {
            BinaryPrimitives.WriteUInt16BigEndian(message[at..], checked((ushort)part.Length));
            part.CopyTo(message[(at + 2)..]);
            at += 2 + part.Length;
        }

        return Mac(message);
    }

    // Every command asks for two of these: no arrays.
    private Claim Hash(Scope scope, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, int parts = 2)
    {
        var length = 1 + (2 * parts) + first.Length + second.Length;
        Span<byte> message = length <= 512 ? stackalloc byte[length] : new byte[length];
        message[0] = (byte)scope;
        BinaryPrimitives.WriteUInt16BigEndian(message[1..], checked((ushort)first.Length));
        first.CopyTo(message[3..]);
        if (parts == 2)
        {
            BinaryPrimitives.WriteUInt16BigEndian(message[(3 + first.Length)..], checked((ushort)second.Length));
            second.CopyTo(message[(5 + first.Length)..]);
        }

        return Mac(message);
    }

    private Claim Mac(ReadOnlySpan<byte> message)
    {
        // Two for every command: a digest that keeps the key takes half the time of one that is given it each time.
        if (!idle.TryTake(out var digest))
        {
            digest = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        }

        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        digest.AppendData(message);
        digest.GetHashAndReset(hash);
        idle.Add(digest);
        return Claim.FromBytes(hash);
    }

    private static byte[] Number(long value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, value);
        return bytes;
    }
}
