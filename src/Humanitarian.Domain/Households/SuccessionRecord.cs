namespace Humanitarian.Domain.Households;

/// <summary>
/// Who succeeds to a deceased member's account. Opened with the death; what the account holds passes with its lots each time that
/// another member approves it, so that what still arrives later passes too.
/// </summary>
/// <param name="From">The deceased member's account.</param>
/// <param name="To">The successor's account.</param>
/// <param name="OpenedBy">Who recorded the death.</param>
/// <param name="ApprovedBy">Who approved last; never the same member.</param>
public sealed record SuccessionRecord(Id Id, Id Household, Id From, Id To, Id OpenedBy, Id ApprovedBy) : Record(Id)
{
    public override RecordKind Kind => RecordKind.Succession;
    public override Id Parent => Household;
    public override bool NamesPerson => true;
}
