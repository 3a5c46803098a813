using System.Buffers.Binary;
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
    }

    /// <summary>The command key of a principal (1 to 255 bytes).</summary>
    public Claim CommandKey(Id principal, string clientKey) => Hash(Scope.CommandKey, principal.ToBytes(), Encoding.UTF8.GetBytes(clientKey));

    /// <summary>The content that a command key is bound to.</summary>
    public Claim CommandContent(ReadOnlySpan<byte> content) => Hash(Scope.CommandContent, SHA256.HashData(content));

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

        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, message, hash);
        return Claim.FromBytes(hash);
    }

    private static byte[] Number(long value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, value);
        return bytes;
    }
}
