using System.Security.Cryptography;

namespace Humanitarian.Domain.Cash;

/// <summary>
/// An instruction file, recorded before it leaves. Its lines carry references of 128 bits that nobody guesses, so the plain hash says
/// nothing of them, and provider and auditor check it with any tool.
/// </summary>
/// <param name="File">SHA-256 of the file's bytes.</param>
/// <param name="Lines">Lines of the file.</param>
/// <param name="TotalMinor">Sum of its lines, in minor units.</param>
public sealed record InstructionFileRecord(Id Id, Id Disbursement, Hash32 File, string Format, long Lines, long TotalMinor, Id ExportedBy) : Record(Id)
{
    public override RecordKind Kind => RecordKind.InstructionFile;
    public override Id Parent => Disbursement;

    /// <summary>The id of a file of a disbursement.</summary>
    public static Id IdOf(Id disbursement, Hash32 file) =>
        Id.FromBytes(SHA256.HashData([.. "instruction file"u8, .. disbursement.ToBytes(), .. file.ToArray()]));
}
