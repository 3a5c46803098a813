namespace Humanitarian.Domain;

/// <summary>Every stable refusal code of the ledger. <c>docs/refusals.md</c> says what each means and what to do.</summary>
public static class RefusalCode
{
    public const string AmountNotPositive = "AMOUNT_NOT_POSITIVE";
    public const string AmountOverflow = "AMOUNT_OVERFLOW";
    public const string AccountUnknown = "ACCOUNT_UNKNOWN";
    public const string AccountFrozen = "ACCOUNT_FROZEN";
    public const string AccountClosed = "ACCOUNT_CLOSED";
    public const string AccountNotEmpty = "ACCOUNT_NOT_EMPTY";
    public const string SelfPayment = "SELF_PAYMENT";
    public const string UnitMismatch = "UNIT_MISMATCH";
    public const string UnitUnknown = "UNIT_UNKNOWN";
    public const string InsufficientFunds = "INSUFFICIENT_FUNDS";
    public const string VoucherExpired = "VOUCHER_EXPIRED";
    public const string VendorNotAccredited = "VENDOR_NOT_ACCREDITED";
    public const string CategoryNotAllowed = "CATEGORY_NOT_ALLOWED";
    public const string ReceiptRequired = "RECEIPT_REQUIRED";
    public const string EntitlementExceeded = "ENTITLEMENT_EXCEEDED";
    public const string AlreadyAssisted = "ALREADY_ASSISTED";
    public const string NotYetAssisted = "NOT_YET_ASSISTED";
    public const string NotEnrolled = "NOT_ENROLLED";
    public const string TransferForbidden = "TRANSFER_FORBIDDEN";
    public const string EnrollerCannotDeliver = "ENROLLER_CANNOT_DELIVER";
    public const string AgentLimitExceeded = "AGENT_LIMIT_EXCEEDED";
    public const string AgentSiteMismatch = "AGENT_SITE_MISMATCH";
    public const string DeviceUnknown = "DEVICE_UNKNOWN";
    public const string DeviceRevoked = "DEVICE_REVOKED";
    public const string DeviceCounterReplayed = "DEVICE_COUNTER_REPLAYED";
    public const string ClockSkew = "CLOCK_SKEW";
    public const string DeadlinePassed = "DEADLINE_PASSED";
    public const string SignatureRequired = "SIGNATURE_REQUIRED";
    public const string SignatureInvalid = "SIGNATURE_INVALID";
    public const string Forbidden = "FORBIDDEN";
    public const string RolesIncompatible = "ROLES_INCOMPATIBLE";
    public const string IdempotencyConflict = "IDEMPOTENCY_CONFLICT";
    public const string IdempotencyKeyInvalid = "IDEMPOTENCY_KEY_INVALID";
    public const string ClaimTaken = "CLAIM_TAKEN";
    public const string Stale = "STALE";
    public const string LeaseVoid = "LEASE_VOID";
    public const string Retry = "RETRY";
    public const string Busy = "BUSY";
    public const string Unknown = "UNKNOWN_OUTCOME";
    public const string ValidityPassed = "VALIDITY_PASSED";
    public const string NotFound = "NOT_FOUND";
    public const string AlreadyExists = "ALREADY_EXISTS";
    public const string WrongState = "WRONG_STATE";
    public const string InvalidInput = "INVALID_INPUT";
    public const string GrantIneligible = "GRANT_INELIGIBLE";
    public const string BudgetExceeded = "BUDGET_EXCEEDED";
    public const string ListUnknown = "LIST_UNKNOWN";
    public const string ListHasErrors = "LIST_HAS_ERRORS";
    public const string ListAlreadyUsed = "LIST_ALREADY_USED";
    public const string HoldEnded = "HOLD_ENDED";
    public const string LedgerStopped = "LEDGER_STOPPED";
    public const string Tampered = "TAMPERED";
}
