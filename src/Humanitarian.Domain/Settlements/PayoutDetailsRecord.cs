namespace Humanitarian.Domain.Settlements;

/// <summary>
/// Which details a vendor is paid out by: salted hashes of what is kept elsewhere. Its id is the vendor account's. A change is proposed
/// by one member and confirmed by another after a cool-off.
/// </summary>
/// <param name="Number">Counts the confirmed details from 1; 0 before any is confirmed.</param>
/// <param name="Confirmed">Hash of the details that count; zero before any is confirmed.</param>
/// <param name="Proposed">Hash of the details that wait; zero for none.</param>
/// <param name="ConfirmableAt">First moment, in Unix milliseconds, at which the waiting ones can be confirmed; 0 for none.</param>
public sealed record PayoutDetailsRecord(
    Id Id, Id Organisation, uint Number, Hash32 Confirmed, Id ConfirmedBy, Hash32 Proposed, Id ProposedBy, long ConfirmableAt) : Record(Id)
{
    public override RecordKind Kind => RecordKind.PayoutDetails;
    public override Id Parent => Organisation;

    /// <summary>True for a change that makes other details count.</summary>
    internal bool IsConfirmation => Proposed.IsZero && Number > 0;

    internal PayoutDetailsRecord WithProposal(Hash32 hash, Id by, long confirmableAt) => this with { Proposed = hash, ProposedBy = by, ConfirmableAt = confirmableAt };

    internal PayoutDetailsRecord WithConfirmation(Id by) =>
        this with { Number = Number + 1, Confirmed = Proposed, ConfirmedBy = by, Proposed = default, ProposedBy = Id.None, ConfirmableAt = 0 };

    internal PayoutDetailsRecord WithoutProposal() => this with { Proposed = default, ProposedBy = Id.None, ConfirmableAt = 0 };
}
