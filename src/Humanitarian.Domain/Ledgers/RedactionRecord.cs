namespace Humanitarian.Domain.Ledgers;

/// <summary>An ordered decision that closed parts up to a height may be deleted, because their retention has ended.</summary>
public sealed record RedactionRecord(Id Id, ulong UpToHeight, string Reason) : Record(Id)
{
    public override RecordKind Kind => RecordKind.Redaction;
}
