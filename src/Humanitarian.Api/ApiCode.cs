namespace Humanitarian.Api;

/// <summary>Stable codes of the API itself, beside those of the ledger (<see cref="Domain.RefusalCode"/>). <c>docs/refusals.md</c> lists all.</summary>
public static class ApiCode
{
    /// <summary>No API key, or one that does not count.</summary>
    public const string Unauthenticated = "UNAUTHENTICATED";

    /// <summary>The request is no GraphQL over HTTP.</summary>
    public const string BadRequest = "BAD_REQUEST";

    /// <summary>The body is larger than is taken.</summary>
    public const string TooLarge = "REQUEST_TOO_LARGE";

    public const string UnsupportedMediaType = "UNSUPPORTED_MEDIA_TYPE";

    public const string NotAcceptable = "NOT_ACCEPTABLE";

    /// <summary>A mutation asked for with GET.</summary>
    public const string MethodNotAllowed = "METHOD_NOT_ALLOWED";

    /// <summary>More WebSockets, event streams or operations at once than one may have.</summary>
    public const string TooManyConnections = "TOO_MANY_CONNECTIONS";

    /// <summary>The document has more fields than a request may ask for.</summary>
    public const string TooComplex = "DOCUMENT_TOO_COMPLEX";

    /// <summary>A fault; the message names the correlation id to look for in the log.</summary>
    public const string Internal = "INTERNAL_ERROR";
}
