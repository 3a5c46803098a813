using Humanitarian.Domain;
using Humanitarian.Domain.Transactions;
using Humanitarian.Domain.Units;

namespace Humanitarian.Chain.Canonical;

/// <content>From bytes to transactions: only what the writer makes is accepted.</content>
public static partial class TransactionCodec
{
    /// <summary>Decodes; without the closed part, what it held is missing and <see cref="Transaction.HasClosedPart"/> is false.</summary>
    /// <exception cref="EncodingException">The bytes are no canonical encoding.</exception>
    public static Transaction Decode(EncodedTransaction encoded)
    {
        var reader = new CanonicalReader(encoded.Open.Span);
        var transaction = ReadOpen(ref reader, out var hasClosed, out var postings);
        reader.End();
        if (!hasClosed)
        {
            return encoded.Closed is { IsEmpty: false } || transaction.Chunk is not null || Array.Exists(postings, posting => posting.Person >= 0)
                ? throw new EncodingException("A closed part where none belongs, or none where one does.")
                : transaction with { Postings = Resolve(postings, null) };
        }

        if (encoded.Closed is not { } closed)
        {
            return transaction with { Postings = Resolve(postings, null), HasClosedPart = false };
        }

        var closedReader = new CanonicalReader(closed.Span);
        var complete = ReadClosed(ref closedReader, transaction, postings);
        closedReader.End();
        return complete;
    }

    private static Transaction ReadOpen(ref CanonicalReader r, out bool hasClosed, out RawPosting[] postings)
    {
        if (r.Byte() != Version)
        {
            throw new EncodingException("Unknown version of the transaction encoding.");
        }

        var ledger = r.Id();
        var kind = (TransactionKind)r.Byte();
        var decidedAt = r.Long();
        var validUntil = unchecked(decidedAt + r.Long());
        var has = (Has)r.Number();
        if (!Enum.IsDefined(kind) || (has & ~Has.All) != 0 || validUntil < decidedAt)
        {
            throw new EncodingException("Unknown kind of transaction, or a validity out of range.");
        }

        hasClosed = has.HasFlag(Has.Closed);
        var principal = has.HasFlag(Has.Principal) ? Present(r.Id()) : default;
        var program = has.HasFlag(Has.Program) ? Present(r.Id()) : default;
        var subject = has.HasFlag(Has.Subject) ? Present(r.Id()) : default;
        var terms = has.HasFlag(Has.TermsVersion) ? Present(r.UInt()) : default;
        var labels = has.HasFlag(Has.Labels) ? Present(r.List(static (ref CanonicalReader r) => r.Text())) : [];
        var command = has.HasFlag(Has.Command) ? new CommandKey(r.Claim(), r.Claim()) : default(CommandKey?);
        var claims = has.HasFlag(Has.Claims) ? Present(r.List(static (ref CanonicalReader r) => r.Claim())) : [];
        var reopens = has.HasFlag(Has.Reopens) ? Present(r.List(static (ref CanonicalReader r) => r.Claim())) : [];
        var reads = has.HasFlag(Has.Reads) ? Present(r.List(static (ref CanonicalReader r) => ReadRead(ref r, false))) : [];
        var writes = has.HasFlag(Has.Writes) ? Present(r.List(static (ref CanonicalReader r) => ReadWrite(ref r, false))) : [];
        postings = has.HasFlag(Has.Postings) ? ReadPostings(ref r) : [];
        var evidence = has.HasFlag(Has.Evidence) ? Present(r.List(static (ref CanonicalReader r) => r.Hash())) : [];
        var authorisations = has.HasFlag(Has.Authorisations)
            ? Present(r.List(static (ref CanonicalReader r) => new Authorisation(r.Id(), r.UInt(), r.Signature())))
            : [];
        var chunk = has.HasFlag(Has.Chunk) ? new Chunk(r.Int(), r.Hash(), [], new UnpaidLine[UnpaidCount(ref r)], r.List(static (ref CanonicalReader r) => r.Hash())) : null;
        var device = has.HasFlag(Has.Device) ? new DeviceStatement(r.Id(), r.Long(), r.Long(), r.Number()) : null;
        return new Transaction
        {
            Ledger = ledger, Kind = kind, DecidedAt = decidedAt, ValidUntil = validUntil, Principal = principal, Program = program,
            Subject = subject, TermsVersion = terms, Labels = labels, Command = command, Claims = claims, Reopens = reopens, Reads = reads,
            Writes = writes, Evidence = evidence, Authorisations = authorisations, Chunk = chunk, Device = device,
        };
    }

    private static int UnpaidCount(ref CanonicalReader r) =>
        r.Int() is var count and <= MaximumChunkLines ? count : throw new EncodingException("A chunk has too many lines.");

    private static Transaction ReadClosed(ref CanonicalReader r, Transaction open, RawPosting[] postings)
    {
        var salt = Present(r.Id());
        var persons = r.List(static (ref CanonicalReader r) => r.Id());
        var reads = r.List(static (ref CanonicalReader r) => ReadRead(ref r, true));
        var writes = r.List(static (ref CanonicalReader r) => ReadWrite(ref r, true));
        var lines = r.List(static (ref CanonicalReader r) => new Line(r.Id(), r.Id(), r.Long(), r.Id()));
        var unpaid = r.List(static (ref CanonicalReader r) => new UnpaidLine(r.Int(), r.Text()));
        if (open.Chunk is null ? lines.Length + unpaid.Length > 0 : unpaid.Length != open.Chunk.Unpaid.Count)
        {
            throw new EncodingException("The closed part does not fit the open one.");
        }

        return open with
        {
            Salt = salt,
            Reads = [.. open.Reads, .. reads],
            Writes = [.. open.Writes, .. writes],
            Postings = Resolve(postings, persons),
            Chunk = open.Chunk is null ? null : open.Chunk with { Lines = lines, Unpaid = unpaid },
        };
    }

    // Flags, account, unit, lot and amount.
    private const int ShortestPosting = 5;

    private static RawPosting[] ReadPostings(ref CanonicalReader r)
    {
        var units = r.List(static (ref CanonicalReader r) => Unit(ref r));
        var lots = r.List(static (ref CanonicalReader r) => r.Id());
        var postings = new RawPosting[r.Count(ShortestPosting)];
        for (var index = 0; index < postings.Length; index++)
        {
            var flags = r.Byte();
            if (flags > 3)
            {
                throw new EncodingException("Unknown posting flags.");
            }

            var ofPerson = (flags & 1) != 0;
            var person = ofPerson ? r.Int() : -1;
            var account = ofPerson ? default : r.Id();
            var unit = At(units, r.Int());
            var lot = At(lots, r.Int());
            postings[index] = new RawPosting(
                new Posting(account, ofPerson, unit, lot, r.Signed(), (flags & 2) != 0 ? Bucket.Held : Bucket.Available), person);
        }

        return postings;
    }

    private static Posting[] Resolve(RawPosting[] postings, Id[]? persons)
    {
        var resolved = new Posting[postings.Length];
        var next = 0;
        for (var index = 0; index < postings.Length; index++)
        {
            var (posting, person) = postings[index];
            if (person > next || (persons is not null && person >= persons.Length))
            {
                throw new EncodingException("A posting names a person out of order.");
            }

            next = Math.Max(next, person + 1);
            resolved[index] = person >= 0 && persons is not null ? posting with { Account = persons[person] } : posting;
        }

        return persons is null || next == persons.Length ? resolved : throw new EncodingException("A person without a posting.");
    }

    private static string Unit(ref CanonicalReader r) =>
        r.Text() is var text && UnitRecord.IsPostable(text) ? text : throw new EncodingException("A posting's unit is no code.");

    private static T At<T>(T[] items, int index) => index < items.Length ? items[index] : throw new EncodingException("An index is out of range.");

    private static T Present<T>(T value)
    {
        var absent = value is Array { Length: 0 } || EqualityComparer<T>.Default.Equals(value, default);
        return absent ? throw new EncodingException("An absent value is marked present.") : value;
    }

    private static RecordRead ReadRead(ref CanonicalReader r, bool namesPerson) =>
        new(new RecordKey((RecordKind)r.Byte(), r.Id()), r.UInt(), namesPerson);

    private static RecordWrite ReadWrite(ref CanonicalReader r, bool namesPerson)
    {
        var write = new RecordWrite(r.UInt(), RecordCodec.Read(ref r));
        return write.Record.NamesPerson == namesPerson ? write : throw new EncodingException("A record stands in the wrong part.");
    }

    private readonly record struct RawPosting(Posting Posting, int Person);
}
