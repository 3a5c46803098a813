namespace Humanitarian.Api.Lists;

/// <summary>Stable codes of what can be wrong with a list. <c>docs/lists.md</c> says what each means and what to do.</summary>
public static class ListCodes
{
    // The whole list is refused.
    public const string ListEmpty = "LIST_EMPTY";
    public const string ListBinary = "LIST_BINARY";
    public const string ListXlsx = "LIST_XLSX";
    public const string ListXls = "LIST_XLS";
    public const string ListPdf = "LIST_PDF";
    public const string ListCompressed = "LIST_COMPRESSED";
    public const string ListNotUtf8 = "LIST_NOT_UTF8";
    public const string ListTooLong = "LIST_TOO_LONG";
    public const string LineTooLong = "LINE_TOO_LONG";
    public const string HeaderUnknown = "HEADER_UNKNOWN";
    public const string HeaderDuplicate = "HEADER_DUPLICATE";
    public const string HeaderTooWide = "HEADER_TOO_WIDE";
    public const string MissingColumn = "MISSING_COLUMN";
    public const string DefaultAmountMissing = "DEFAULT_AMOUNT_MISSING";

    // One row is refused.
    public const string TooManyColumns = "TOO_MANY_COLUMNS";
    public const string TooFewColumns = "TOO_FEW_COLUMNS";
    public const string QuoteBroken = "QUOTE_BROKEN";
    public const string SpreadsheetError = "SPREADSHEET_ERROR";
    public const string Formula = "FORMULA";
    public const string AmountMissing = "AMOUNT_MISSING";
    public const string AmountZero = "AMOUNT_ZERO";
    public const string AmountNegative = "AMOUNT_NEGATIVE";
    public const string AmountOverflow = "AMOUNT_OVERFLOW";
    public const string AmountTooPrecise = "AMOUNT_TOO_PRECISE";
    public const string AmountDecimalComma = "AMOUNT_DECIMAL_COMMA";
    public const string AmountThousandsSeparator = "AMOUNT_THOUSANDS_SEPARATOR";
    public const string AmountCurrencySign = "AMOUNT_CURRENCY_SIGN";
    public const string AmountScientific = "AMOUNT_SCIENTIFIC";
    public const string AmountInvalid = "AMOUNT_INVALID";
    public const string MultiplierInvalid = "MULTIPLIER_INVALID";
    public const string CurrencyMismatch = "CURRENCY_MISMATCH";
    public const string SizeInvalid = "SIZE_INVALID";
    public const string PhoneScientific = "PHONE_SCIENTIFIC";
    public const string PhoneRounded = "PHONE_ROUNDED";
    public const string PhoneTrailingDecimal = "PHONE_TRAILING_DECIMAL";
    public const string PhoneLeadingZeroLost = "PHONE_LEADING_ZERO_LOST";
    public const string PhoneNational = "PHONE_NATIONAL";
    public const string PhoneAmbiguous = "PHONE_AMBIGUOUS";
    public const string PhoneInvalid = "PHONE_INVALID";
    public const string PhoneAndEmail = "PHONE_AND_EMAIL";
    public const string EmailInvalid = "EMAIL_INVALID";
    public const string IdMissing = "ID_MISSING";
    public const string IdTooLong = "ID_TOO_LONG";
    public const string IdScientific = "ID_SCIENTIFIC";
    public const string IdTrailingDecimal = "ID_TRAILING_DECIMAL";
    public const string IdInvalid = "ID_INVALID";
    public const string IdentifierMissing = "IDENTIFIER_MISSING";
    public const string SiteTooLong = "SITE_TOO_LONG";
    public const string DateInvalid = "DATE_INVALID";
    public const string DateAmbiguous = "DATE_AMBIGUOUS";
    public const string DateTurnedRound = "DATE_TURNED_ROUND";
    public const string DuplicateInList = "DUPLICATE_IN_LIST";
}
