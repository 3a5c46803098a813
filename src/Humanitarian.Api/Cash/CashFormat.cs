namespace Humanitarian.Api.Cash;

/// <summary>The layouts of instruction files and of reports. <c>docs/cash.md</c> describes each.</summary>
public enum CashFormat
{
    /// <summary>The project's own CSV: reference, amount, currency, status, reason.</summary>
    Own,

    /// <summary>Stellar Disbursement Platform: its disbursement CSV and its export of payments.</summary>
    Sdp,

    /// <summary>121: instruction and reconciliation CSV.</summary>
    OneTwoOne,

    /// <summary>UNICEF HOPE: XLSX with its entitlement columns, and with its delivery columns.</summary>
    Hope,
}

/// <summary>Stable codes of what is wrong with a report; those of amounts are the lists'.</summary>
public static class CashCodes
{
    public const string FileUnreadable = "FILE_UNREADABLE";
    public const string HeaderUnknown = "HEADER_UNKNOWN";
    public const string ReferenceUnknown = "REFERENCE_UNKNOWN";
    public const string ReferenceRepeated = "REFERENCE_REPEATED";
    public const string StatusUnknown = "STATUS_UNKNOWN";
    public const string StatusContradictsAmount = "STATUS_CONTRADICTS_AMOUNT";
    public const string AmountAboveInstructed = "AMOUNT_ABOVE_INSTRUCTED";
    public const string CurrencyMismatch = "CURRENCY_MISMATCH";
}

/// <summary>The words that providers have for what became of a payment.</summary>
internal static class CashWords
{
    public const string OtherReason = "OTHER";

    private static readonly HashSet<string> Delivered =
        ["DELIVERED", "SUCCESS", "SUCCESSFUL", "PAID", "COMPLETED", "DISTRIBUTION_SUCCESSFUL", "TRANSACTION_SUCCESSFUL"];

    private static readonly HashSet<string> Partly = ["PARTLY_DELIVERED", "PARTIALLY_DISTRIBUTED"];

    private static readonly HashSet<string> Failed =
        ["FAILED", "ERROR", "CANCELED", "CANCELLED", "NOT_DISTRIBUTED", "TRANSACTION_ERRONEOUS", "FORCE_FAILED", "EXPIRED", "RETURNED"];

    private static readonly HashSet<string> UnderWay = ["PENDING", "READY", "DRAFT", "PAUSED", "WAITING", "INSTRUCTED", "SENT_TO_FSP", "SENT_TO_PAYMENT_GATEWAY"];

    // Free text may name people, so a reason is one of these words or OTHER; the file, which is the evidence, has the rest.
    private static readonly HashSet<string> Reasons =
    [
        "UNCLAIMED", "WALLET_CLOSED", "WALLET_NOT_FOUND", "ACCOUNT_INVALID", "ID_MISMATCH", "LIMIT_EXCEEDED", "AGENT_OUT_OF_CASH", "TECHNICAL_ERROR", "REFUSED",
        "NOT_PRESENT", .. Failed, .. Partly,
    ];

    /// <summary>What a status says: true for delivered in full or part, false for not delivered, null for not yet known.</summary>
    public static bool TryRead(string status, out bool? delivered)
    {
        var word = Word(status);
        delivered = Delivered.Contains(word) || Partly.Contains(word) ? true : Failed.Contains(word) ? false : null;
        return delivered is not null || UnderWay.Contains(word);
    }

    public static string ReasonOf(string reason, string status) =>
        Word(reason) is { Length: > 0 } word ? Reasons.Contains(word) ? word : OtherReason
        : Reasons.Contains(Word(status)) ? Word(status)
        : OtherReason;

    private static string Word(string text) => text.Trim().ToUpperInvariant().Replace(' ', '_').Replace('-', '_');
}
