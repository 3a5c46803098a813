using System.Buffers.Binary;
using System.Security.Cryptography;
using Humanitarian.Domain.Lots;

namespace Humanitarian.Domain.Settlements;

/// <summary>One pay-out of a settlement, in full or in part, so that what the bank gives back finds its lots again.</summary>
/// <param name="Request">The settlement request's hold.</param>
/// <param name="Details">Number of the vendor's pay-out details at that moment; 0 for a vendor without any.</param>
/// <param name="ReturnedBy">Who recorded that the bank gave it back; none while it counts.</param>
public sealed record PayoutRecord(Id Id, Id Request, Id Account, Id Program, string Unit, IReadOnlyList<LotPart> Parts, uint Details, Id ReturnedBy) : Record(Id)
{
    public override RecordKind Kind => RecordKind.Payout;
    public override Id Parent => Request;

    /// <summary>Minor units.</summary>
    public long AmountMinor => Parts.Sum(part => part.AmountMinor);

    /// <summary>The id of the pay-out that made a version of its request's hold.</summary>
    public static Id IdOf(Id request, uint version)
    {
        Span<byte> number = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(number, version);
        return Id.FromBytes(SHA256.HashData([.. "payout"u8, .. request.ToBytes(), .. number]));
    }

    internal bool Is(PayoutRecord other) => this with { Parts = other.Parts } == other && Parts.SequenceEqual(other.Parts);
}
