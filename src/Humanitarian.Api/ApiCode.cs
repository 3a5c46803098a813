namespace Humanitarian.Api;

/// <summary>Stable codes of the API itself, beside those of the ledger (<see cref="Domain.RefusalCode"/>). <c>docs/refusals.md</c> lists all.</summary>
public static class ApiCode
{
    /// <summary>No credential, or one that does not count.</summary>
    public const string Unauthenticated = "UNAUTHENTICATED";

    /// <summary>An identity provider does not publish its metadata where and as it should.</summary>
    public const string IssuerUnreachable = "ISSUER_UNREACHABLE";

    /// <summary>The organisation wants a code of an authenticator app, or a passkey, for this.</summary>
    public const string SecondFactorRequired = "SECOND_FACTOR_REQUIRED";

    /// <summary>A code is wrong or was used before.</summary>
    public const string SecondFactorInvalid = "SECOND_FACTOR_INVALID";

    /// <summary>A passkey's answer does not count.</summary>
    public const string PasskeyInvalid = "PASSKEY_INVALID";

    /// <summary>A passkey is known already, of this member or another.</summary>
    public const string PasskeyTaken = "PASSKEY_TAKEN";

    /// <summary>No domain is set for passkeys.</summary>
    public const string PasskeysOff = "PASSKEYS_OFF";

    /// <summary>A signed request came a second time.</summary>
    public const string RequestReplayed = "REQUEST_REPLAYED";

    /// <summary>A signed request came after its time, or claims a time to come.</summary>
    public const string RequestExpired = "REQUEST_EXPIRED";

    /// <summary>The request is no GraphQL over HTTP.</summary>
    public const string BadRequest = "BAD_REQUEST";

    /// <summary>The body is larger than is taken.</summary>
    public const string TooLarge = "REQUEST_TOO_LARGE";

    /// <summary>Another member of the organisation has sent this very file of commands.</summary>
    public const string FileSentBefore = "FILE_SENT_BEFORE";

    public const string UnsupportedMediaType = "UNSUPPORTED_MEDIA_TYPE";

    public const string NotAcceptable = "NOT_ACCEPTABLE";

    /// <summary>A mutation asked for with GET.</summary>
    public const string MethodNotAllowed = "METHOD_NOT_ALLOWED";

    /// <summary>More WebSockets, event streams or operations at once than one may have.</summary>
    public const string TooManyConnections = "TOO_MANY_CONNECTIONS";

    /// <summary>The document is larger, deeper or costlier than a request may be.</summary>
    public const string TooComplex = "DOCUMENT_TOO_COMPLEX";

    /// <summary>The member has used their budget up, or too many requests of one address failed to authenticate.</summary>
    public const string RateLimited = "RATE_LIMITED";

    /// <summary>No document is known by this hash. The client sends the document with it once.</summary>
    public const string PersistedNotFound = "PERSISTED_QUERY_NOT_FOUND";

    /// <summary>Only documents that the operator keeps are taken, and this is none.</summary>
    public const string OnlyPersisted = "PERSISTED_QUERY_ONLY";

    /// <summary>A query took longer than it may. Mutations have no such limit.</summary>
    public const string TimedOut = "QUERY_TIMED_OUT";

    /// <summary>A file took longer to come than it may.</summary>
    public const string UploadTimedOut = "UPLOAD_TIMED_OUT";

    /// <summary>A fault; the message names the correlation id to look for in the log.</summary>
    public const string Internal = "INTERNAL_ERROR";
}
