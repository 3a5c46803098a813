namespace Humanitarian.Domain.Transactions;

/// <summary>
/// What a transaction may carry at all. Each kind's own check judges the parts that the kind has; a part that it does not have is
/// refused here, so that nothing rides along unjudged.
/// </summary>
internal static class Shapes
{
    /// <summary>
    /// Milliseconds from decision to the last moment of its ordering. As nothing is ordered after that moment, this bounds how far
    /// a decision may be backdated, past an expiry or into another day's allowance.
    /// </summary>
    public const long MaximumValidityMilliseconds = 5 * 60 * 1000;

    /// <summary>Most labels of a transaction.</summary>
    public const int MaximumLabels = 16;

    /// <summary>Most characters of a label.</summary>
    public const int MaximumLabelLength = 64;

    [Flags]
    private enum Part
    {
        None = 0,
        Program = 1,
        Subject = 2,
        Terms = 4,
        Labels = 8,
        Evidence = 16,
        Writes = 32,
        Postings = 64,
        Authorisations = 128,
        Chunk = 256,
        Device = 512,
    }

    public static Refusal? Check(Transaction transaction) =>
        (PartsOf(transaction) & ~Allowed(transaction.Kind)) != Part.None ? Checks.Broken("The transaction carries what its kind does not have.")
        : transaction.Reopens.Count > 0 && !Reopens(transaction.Kind) ? Checks.Broken("Nothing of this kind reopens a claim.")
        : transaction.DecidedAt < 0 || transaction.ValidUntil < transaction.DecidedAt
            || transaction.ValidUntil - transaction.DecidedAt > MaximumValidityMilliseconds ? Checks.Broken("A decision is ordered soon or never.")
        : transaction.Evidence.Count > 1 || transaction.Labels.Count > MaximumLabels
            || transaction.Labels.Any(label => label.Length is 0 or > MaximumLabelLength)
            ? new Refusal(RefusalCode.InvalidInput, $"At most {MaximumLabels} categories of 1 to {MaximumLabelLength} characters.", "categories")
        : transaction.Writes.Any(write => write.Record.Id.IsNone) ? Checks.Broken("A record has an id.")
        : transaction.HasClosedPart && transaction.Postings.Any(posting => posting.Account.IsNone) ? Checks.Broken("A posting has an account.")
        : null;

    private static bool Reopens(TransactionKind kind) =>
        kind is TransactionKind.CashReconciliation or TransactionKind.CashRecall or TransactionKind.CashCorrection;

    private static Part PartsOf(Transaction transaction) =>
        If(!transaction.Program.IsNone, Part.Program) | If(!transaction.Subject.IsNone, Part.Subject) | If(transaction.TermsVersion != 0, Part.Terms)
        | If(transaction.Labels.Count > 0, Part.Labels) | If(transaction.Evidence.Count > 0, Part.Evidence) | If(transaction.Writes.Count > 0, Part.Writes)
        | If(transaction.Postings.Count > 0, Part.Postings) | If(transaction.Authorisations.Count > 0, Part.Authorisations)
        | If(transaction.Chunk is not null, Part.Chunk) | If(transaction.Device is not null, Part.Device);

    private static Part If(bool present, Part part) => present ? part : Part.None;

    private static Part Allowed(TransactionKind kind) => kind switch
    {
        TransactionKind.Genesis => Part.Writes,
        TransactionKind.KeyChange => Part.Labels | Part.Writes | Part.Authorisations,
        TransactionKind.Redaction or TransactionKind.Registry => Part.Writes | Part.Authorisations,
        TransactionKind.Enrolment => Part.Program | Part.Subject | Part.Labels | Part.Writes,
        TransactionKind.AuditAnchor => Part.Subject | Part.Evidence,
        TransactionKind.HouseholdSplit or TransactionKind.HouseholdMerge or TransactionKind.Death => Part.Writes,
        TransactionKind.OverlapSuspicion => Part.Program | Part.Subject | Part.Writes,
        TransactionKind.OverlapDecision => Part.Subject | Part.Writes | Part.Authorisations,
        TransactionKind.Succession => Part.Writes | Part.Postings | Part.Authorisations,
        TransactionKind.Receipt or TransactionKind.Conversion => Part.Program | Part.Subject | Part.Evidence | Part.Writes | Part.Postings,
        TransactionKind.DisbursementApproval => Part.Program | Part.Subject | Part.Writes | Part.Authorisations,
        TransactionKind.DisbursementChange => Part.Program | Part.Subject | Part.Writes,
        TransactionKind.DisbursementRelease => Part.Program | Part.Subject | Part.Terms | Part.Writes | Part.Postings | Part.Authorisations,
        TransactionKind.DisbursementChunk => Part.Program | Part.Subject | Part.Terms | Part.Postings | Part.Chunk,
        TransactionKind.Delivery => Part.Program | Part.Subject | Part.Terms | Part.Postings | Part.Chunk | Part.Device | Part.Authorisations,
        TransactionKind.DeliveryException => Part.Program | Part.Subject | Part.Writes | Part.Chunk | Part.Device | Part.Authorisations,
        TransactionKind.DeliveryExceptionDecision => Part.Program | Part.Subject | Part.Terms | Part.Writes | Part.Postings | Part.Authorisations,
        TransactionKind.DisbursementCompletion or TransactionKind.SettlementRequest or TransactionKind.HoldRelease or TransactionKind.HoldExpiry =>
            Part.Program | Part.Subject | Part.Writes | Part.Postings,
        TransactionKind.Redemption => Part.Program | Part.Terms | Part.Labels | Part.Evidence | Part.Writes | Part.Postings,
        TransactionKind.Transfer => Part.Program | Part.Terms | Part.Postings,
        TransactionKind.Settlement => Part.Program | Part.Subject | Part.Evidence | Part.Writes | Part.Postings | Part.Authorisations,
        TransactionKind.Refund => Part.Program | Part.Evidence | Part.Writes | Part.Postings,
        TransactionKind.Recovery => Part.Program | Part.Evidence | Part.Writes | Part.Postings | Part.Authorisations,
        TransactionKind.PayoutReturn => Part.Program | Part.Subject | Part.Evidence | Part.Writes | Part.Postings | Part.Authorisations,
        TransactionKind.LotExpiry => Part.Program | Part.Subject | Part.Postings,
        TransactionKind.CashInstruction => Part.Program | Part.Subject | Part.Terms | Part.Writes | Part.Postings | Part.Chunk,
        TransactionKind.CashReconciliation => Part.Program | Part.Subject | Part.Evidence | Part.Writes | Part.Postings | Part.Authorisations,
        TransactionKind.CashRecall => Part.Program | Part.Subject | Part.Writes | Part.Postings,
        TransactionKind.CashCorrection => Part.Program | Part.Subject | Part.Writes | Part.Postings | Part.Authorisations,
        TransactionKind.InstructionFile => Part.Program | Part.Subject | Part.Evidence | Part.Writes,
        TransactionKind.Cost or TransactionKind.ProviderFee => Part.Program | Part.Subject | Part.Labels | Part.Evidence | Part.Writes | Part.Postings,
        TransactionKind.TermsAmendment => Part.Program | Part.Writes,
        TransactionKind.ProgramClosure => Part.Program | Part.Writes | Part.Postings | Part.Authorisations,
        TransactionKind.CostRecharge => Part.Program | Part.Subject | Part.Labels | Part.Evidence | Part.Writes | Part.Postings | Part.Authorisations,
        TransactionKind.GrantReturn => Part.Program | Part.Subject | Part.Evidence | Part.Postings,
        TransactionKind.PendingPayment or TransactionKind.PaymentAcceptance => Part.Program | Part.Subject | Part.Terms | Part.Writes | Part.Postings,
        TransactionKind.Departure => Part.Program | Part.Terms | Part.Writes | Part.Postings,
        TransactionKind.Demurrage => Part.Program | Part.Terms | Part.Postings,
        TransactionKind.Deposit or TransactionKind.ConversionOut => Part.Program | Part.Terms | Part.Evidence | Part.Postings,
        _ => Part.None,
    };
}
