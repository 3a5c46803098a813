namespace Humanitarian.Api.Lists;

/// <summary>The layouts of beneficiary lists that are understood. <c>docs/lists.md</c> describes each.</summary>
public enum ListFormat
{
    /// <summary>The project's own: one household a row, with the amount it is to receive.</summary>
    Household,

    /// <summary>Stellar Disbursement Platform.</summary>
    Sdp,

    /// <summary>121 registrations: the amount is a default times the row's multiplier.</summary>
    OneTwoOne,

    /// <summary>UNICEF HOPE entitlements, saved as CSV.</summary>
    Hope,
}

/// <summary>What an identifier identifies. The names are part of the hashed message: never rename one.</summary>
public enum IdentifierKind
{
    /// <summary>A household's number in the organisation's own register.</summary>
    HouseholdId,

    /// <summary>The organisation's own number for the person or row, the same in each of its lists.</summary>
    ReferenceId,

    /// <summary>A telephone number in E.164.</summary>
    Phone,

    /// <summary>An e-mail address in lower case.</summary>
    Email,

    /// <summary>A number issued by a state or registry: capitals, without spaces, dots, dashes and slashes.</summary>
    NationalId,

    /// <summary>The number of one payment. It is checked for repeats and never identifies a person.</summary>
    PaymentId,
}

/// <summary>
/// What identifies a beneficiary: <paramref name="Value"/> is personal data and must be dropped at once;
/// <paramref name="KeyedHash"/> stays and finds the same person in the same organisation's next list
/// (<see cref="IdentifierHasher"/>).
/// </summary>
public readonly record struct Identifier(IdentifierKind Kind, string Value, UInt128 KeyedHash)
{
    /// <summary>Never the value: a record's generated text would put it in logs.</summary>
    public override string ToString() => Kind.ToString();
}

/// <summary>One good row. Everything in it but line, amount and size is personal data: keep it no longer than the call.</summary>
/// <param name="Line">Line of the file on which the row starts; the header is on line 1.</param>
/// <param name="ReferenceId">The row's own id in its source system, or empty.</param>
/// <param name="AmountMinor">Positive, in minor units of the list's currency.</param>
/// <param name="HouseholdSize">1 to 99, or null when the list does not say.</param>
/// <param name="Site">Where it is delivered, when the list says.</param>
/// <param name="Phone">E.164 with its plus, when the list has one.</param>
/// <param name="Identifiers">At least one.</param>
public sealed record ListRow(
    long Line,
    string ReferenceId,
    long AmountMinor,
    int? HouseholdSize,
    string? Site,
    string? Phone,
    IReadOnlyList<Identifier> Identifiers)
{
    /// <summary>The line alone, for the reason given at <see cref="Identifier.ToString"/>.</summary>
    public override string ToString() => $"line {Line}";
}

/// <summary>What is wrong with one cell, row or list.</summary>
/// <param name="Line">Line on which the row starts; 0 when the whole list is meant.</param>
/// <param name="Column">The header's name for the column; empty when the whole row is meant.</param>
/// <param name="MaskedValue">The value with its middle hidden, so that an error file identifies nobody.</param>
/// <param name="Code">One of <see cref="ListCodes"/>.</param>
/// <param name="Reason">What it means and what to do. Never contains a value.</param>
public sealed record ListError(long Line, string Column, string MaskedValue, string Code, string Reason);

/// <summary>How a list is to be read.</summary>
public sealed record ListOptions
{
    /// <summary>Errors kept in memory; those after them go to <see cref="OverflowErrors"/>.</summary>
    public const int ErrorsKept = 10_000;

    /// <summary>Longest row in bytes, its quoted line breaks included.</summary>
    public const int RecordBytesMax = 64 * 1024;

    /// <summary>Most columns a list may have.</summary>
    public const int ColumnsMax = 256;

    /// <summary>Most rows a list may have: what is remembered to find repeats grows with them.</summary>
    public const int RowsMax = 5_000_000;

    /// <summary>The layout, or null to recognise it by its header.</summary>
    public ListFormat? Format { get; init; }

    /// <summary>ISO 4217 code of the program's unit; a row in another currency is refused.</summary>
    public required string Currency { get; init; }

    /// <summary>Decimals of the unit, 0 to 7.</summary>
    public required int Exponent { get; init; }

    /// <summary>What each row receives when the list has no amounts (in 121, times the multiplier).</summary>
    public long? DefaultAmountMinor { get; init; }

    /// <summary>Secret of the importing organisation, at least 16 bytes, under which identifiers are hashed.</summary>
    public required ReadOnlyMemory<byte> IdentifierKey { get; init; }

    /// <summary>The day of the import: nobody was born after it.</summary>
    public required DateOnly Today { get; init; }

    /// <summary>ISO 3166 code of the country whose national telephone numbers are meant, or null: such numbers are refused.</summary>
    public string? DefaultRegion { get; init; }

    /// <summary>Opens where errors beyond the first 10,000 go, as CSV; called at most once. Null: they are only counted.</summary>
    public Func<TextWriter>? OverflowErrors { get; init; }
}

/// <summary>What was read.</summary>
public sealed record ListSummary
{
    /// <summary>
    /// Why the whole list is refused, or null. When set, the rows handed out before it was noticed must be discarded.
    /// </summary>
    public ListError? Refusal { get; init; }

    /// <summary>The layout, when it was recognised.</summary>
    public ListFormat? Format { get; init; }

    /// <summary>Rows handed to the caller.</summary>
    public long RowsGood { get; init; }

    /// <summary>Rows with at least one error.</summary>
    public long RowsRefused { get; init; }

    /// <summary>The first 10,000 errors in the order of the file; the refusal of a whole list is the last of them.</summary>
    public IReadOnlyList<ListError> Errors { get; init; } = [];

    /// <summary>All errors, those that overflowed included.</summary>
    public long ErrorsTotal { get; init; }

    /// <summary>Sum of the good rows' amounts in minor units.</summary>
    public long TotalMinor { get; init; }

    /// <summary>Identifying columns that became keyed hashes; their clear values were dropped.</summary>
    public IReadOnlyList<string> HashedColumns { get; init; } = [];

    /// <summary>Columns that were checked for spreadsheet damage and dropped unread: names, birth dates, attributes.</summary>
    public IReadOnlyList<string> DroppedColumns { get; init; } = [];

    /// <summary>SHA-256 of the file's bytes in lower-case hex, by which the same file is recognised; null when it was not read to its end.</summary>
    public string? ContentSha256 { get; init; }
}
