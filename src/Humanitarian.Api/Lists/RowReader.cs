using CsvHelper;
using Humanitarian.Domain.Households;

namespace Humanitarian.Api.Lists;

/// <summary>Turns the record a CSV reader stands on into a row, or into all of its errors.</summary>
internal sealed class RowReader : IDisposable
{
    private const int IdCharsMax = 64;
    private const int EmailCharsMax = 254;
    private const int SizeMax = 99;

    private static readonly CellFault TooMany = new(ListCodes.TooManyColumns,
        "The row has more cells than the header: a separator inside a cell must be quoted.");
    private static readonly CellFault TooFew = new(ListCodes.TooFewColumns, "The row has fewer cells than the header.");
    private static readonly CellFault NothingIdentifies = new(ListCodes.IdentifierMissing,
        "Nothing in the row identifies whom to credit: it needs an id, a telephone number, an e-mail address or a national id.");
    private static readonly CellFault PhoneAndEmail = new(ListCodes.PhoneAndEmail,
        "SDP takes a telephone number or an e-mail address, not both.");

    private readonly ListFormat _format;
    private readonly ListOptions _options;
    private readonly Column[] _columns;
    private readonly DateCell?[] _dates;
    private readonly PhoneCell _phones;
    private readonly IdentifierHasher _hasher;
    private readonly SeenIdentifiers _seen = new();
    private readonly List<UInt128> _unique = [];
    private readonly bool _hasAmounts;

    // The row being read.
    private readonly List<ListError> _errors = [];
    private readonly List<Identifier> _identifiers = [];
    private long _line;
    private long _amountMinor;
    private int? _size;
    private string? _site;
    private string? _phone;
    private bool _hasEmail;
    private string _referenceId = "";

    public RowReader(ListFormat format, ListOptions options, Column[] columns)
    {
        _format = format;
        _options = options;
        _columns = columns;
        bool yearFirst = format is ListFormat.Household or ListFormat.Sdp;
        _dates = [.. columns.Select(c => c.Rule.Use is ColumnUse.Date or ColumnUse.Verification
            ? new DateCell(yearFirst, options.Today)
            : null)];
        _phones = new PhoneCell(options.DefaultRegion, trustLongNumbers: format is ListFormat.OneTwoOne);
        _hasher = new IdentifierHasher(options.IdentifierKey.Span);
        _hasAmounts = columns.Any(c => c.Rule.Use is ColumnUse.Amount or ColumnUse.Multiplier);
    }

    /// <summary>Sum of the good rows.</summary>
    public long TotalMinor { get; private set; }

    /// <summary>What is wrong with the row read last; valid until the next.</summary>
    public List<ListError> Errors => _errors;

    /// <summary>The row, or null when <see cref="Errors"/> says why not.</summary>
    public ListRow? Read(CsvReader csv, CellFault? malformed)
    {
        Clear(csv.LineNumber);
        // With cells missing or too many it is unknown which cell belongs to which column.
        CellFault? shape = malformed ?? (csv.FieldCount > _columns.Length ? TooMany : csv.FieldCount < _columns.Length ? TooFew : null);
        if (shape is not null)
        {
            Refuse("", "", shape);
            return null;
        }

        foreach (Column column in _columns)
        {
            string text = csv.GetString(column.Index).Trim();
            if ((Cell.Damage(text) ?? ReadCell(column, text)) is { } fault)
                Refuse(column.Name, Cell.Mask(text, column.Rule.Use is ColumnUse.Amount or ColumnUse.Multiplier or ColumnUse.Size), fault);
        }

        ReadWhole();
        return _errors.Count > 0 ? null : Accept();
    }

    public void Dispose() => _hasher.Dispose();

    private void Clear(long line)
    {
        _line = line;
        _errors.Clear();
        _identifiers.Clear();
        _unique.Clear();
        _amountMinor = _hasAmounts ? 0 : _options.DefaultAmountMinor.GetValueOrDefault();
        (_size, _site, _phone, _hasEmail, _referenceId) = (null, null, null, false, "");
    }

    private CellFault? ReadCell(Column column, string text) => column.Rule.Use switch
    {
        ColumnUse.Amount => AmountCell.Read(text, _options.Exponent, out _amountMinor),
        ColumnUse.Multiplier => AmountCell.Multiply(_options.DefaultAmountMinor.GetValueOrDefault(), text, out _amountMinor),
        ColumnUse.Currency => text.Length == 0 || string.Equals(text, _options.Currency, StringComparison.OrdinalIgnoreCase)
            ? null
            : new(ListCodes.CurrencyMismatch, $"The row is not in {_options.Currency}, the program's currency."),
        ColumnUse.Size => ReadSize(column, text),
        ColumnUse.Site => ReadSite(text),
        ColumnUse.Date => _dates[column.Index]!.Read(text, _line),
        ColumnUse.Verification => DateCell.LooksLikeDate(text) ? _dates[column.Index]!.Read(text, _line) : IdCell.Damage(text),
        ColumnUse.Identifier => ReadIdentifier(column, text),
        _ => null,
    };

    private CellFault? ReadSize(Column column, string text)
    {
        if (text.Length == 0 && !column.Rule.Required)
            return null;
        if (!IdCell.TryWhole(text, 1, SizeMax, out int size))
            return new(ListCodes.SizeInvalid, "The size of the household is not a whole number from 1 to 99.");
        _size = size;
        return null;
    }

    private CellFault? ReadSite(string text)
    {
        if (text.Length > EnrolmentRecord.MaximumSite)
            return new(ListCodes.SiteTooLong, "The site is longer than 100 characters.");
        _site = text.Length == 0 ? null : text;
        return null;
    }

    private CellFault? ReadIdentifier(Column column, string text)
    {
        if (text.Length == 0)
            return column.Rule.Required ? new(ListCodes.IdMissing, "The row has no id.") : null;
        IdentifierKind kind = column.Rule.Kind!.Value;
        CellFault? fault = kind switch
        {
            IdentifierKind.Phone => _phones.Read(text, out _phone),
            IdentifierKind.Email => IdCell.Email(text, EmailCharsMax),
            _ => IdCell.Read(text, IdCharsMax),
        };
        if (fault is not null)
            return fault;

        string value = kind switch
        {
            IdentifierKind.Phone => _phone!,
            IdentifierKind.Email => text.ToLowerInvariant(),
            IdentifierKind.NationalId => IdCell.NormaliseNationalId(text),
            _ => text,
        };
        _hasEmail |= kind is IdentifierKind.Email;
        if (_format is ListFormat.Hope ? kind is IdentifierKind.PaymentId : kind is IdentifierKind.HouseholdId or IdentifierKind.ReferenceId)
            _referenceId = text;
        return Remember(column.Rule, new Identifier(kind, value, _hasher.Hash(kind, value)));
    }

    private CellFault? Remember(ColumnRule rule, Identifier identifier)
    {
        // A payment's number is another one in the next list: it must not find anybody's account.
        if (identifier.Kind is not IdentifierKind.PaymentId)
            _identifiers.Add(identifier);
        if (!rule.Unique)
            return null;
        _unique.Add(identifier.KeyedHash);
        long first = _seen.Line(identifier.KeyedHash);
        return first == 0 ? null : new(ListCodes.DuplicateInList,
            $"The same value is on line {first}: leave one of the rows out, or the value out of one if they are different households.");
    }

    private void ReadWhole()
    {
        if (_format is ListFormat.Sdp && _phone is not null && _hasEmail)
            Refuse("", "", PhoneAndEmail);
        if (_errors.Count > 0)
            return;
        if (_identifiers.Count == 0)
            Refuse("", "", NothingIdentifies);
        else if (AmountCell.Total(TotalMinor, _amountMinor) is { } overflow)
            Refuse("", "", overflow);
    }

    private ListRow Accept()
    {
        TotalMinor += _amountMinor;
        // Rows that are refused for another reason don't count as the first: the repeat may be their correction.
        foreach (UInt128 hash in _unique)
            _seen.Add(hash, _line);
        return new ListRow(_line, _referenceId, _amountMinor, _size, _site, _phone, [.. _identifiers]);
    }

    private void Refuse(string column, string masked, CellFault fault) =>
        _errors.Add(new ListError(_line, column, masked, fault.Code, fault.Reason));
}
