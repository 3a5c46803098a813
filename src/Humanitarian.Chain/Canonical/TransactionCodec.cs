using Humanitarian.Domain;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Chain.Canonical;

/// <summary>A transaction's two parts as bytes: what travels, is hashed, stored and sent.</summary>
public sealed record EncodedTransaction
{
    // Asked for at every step of a transaction's way, so it is computed once.
    private readonly Hash32 hash;

    public EncodedTransaction(ReadOnlyMemory<byte> open, ReadOnlyMemory<byte>? closed, Hash32 closedHash)
        : this(open, closed, closedHash, TransactionCodec.Hash(open.Span, closedHash))
    {
    }

    /// <summary>Where many hashes are computed together.</summary>
    internal EncodedTransaction(ReadOnlyMemory<byte> open, ReadOnlyMemory<byte>? closed, Hash32 closedHash, Hash32 hash) =>
        (Open, Closed, ClosedHash, this.hash) = (open, closed, closedHash, hash);

    public ReadOnlyMemory<byte> Open { get; }

    /// <summary>Null once deleted at the end of retention or left out of an export; empty when nothing names a person.</summary>
    public ReadOnlyMemory<byte>? Closed { get; init; }

    /// <summary>Keccak-256 of the closed part.</summary>
    public Hash32 ClosedHash { get; }

    /// <summary>Keccak-256 of the open part followed by the hash of the closed part.</summary>
    public Hash32 Hash() => hash;
}

/// <summary>Canonical encoding of transactions, version 1. <c>docs/chain.md</c> is its specification.</summary>
public static partial class TransactionCodec
{
    /// <summary>First byte of every open part.</summary>
    public const byte Version = 1;

    /// <summary>Most lines of a chunk.</summary>
    public const int MaximumChunkLines = 10_000;

    [Flags]
    private enum Has : ulong
    {
        Principal = 1,
        Program = 2,
        Subject = 4,
        TermsVersion = 8,
        Labels = 16,
        Command = 32,
        Claims = 64,
        Reopens = 128,
        Reads = 256,
        Writes = 512,
        Postings = 1024,
        Evidence = 2048,
        Authorisations = 4096,
        Chunk = 8192,
        Device = 16384,
        Closed = 32768,
        All = 65535,
    }

    /// <summary>Hash of a transaction from its open part and the hash of its closed part.</summary>
    public static Hash32 Hash(ReadOnlySpan<byte> open, Hash32 closedHash)
    {
        Span<byte> tail = stackalloc byte[Hash32.Size];
        closedHash.CopyTo(tail);
        return Crypto.Keccak.Hash(open, (ReadOnlySpan<byte>)tail);
    }

    /// <summary>Encodes a transaction; reads and writes that name persons must stand after those that do not.</summary>
    public static EncodedTransaction Encode(Transaction transaction)
    {
        using var writer = new CanonicalWriter();
        Write(writer, transaction, out var openLength);
        var open = writer.Written[..openLength].ToArray();
        var closed = writer.Written[openLength..].ToArray();
        return new EncodedTransaction(open, closed, Crypto.Keccak.Hash(closed));
    }

    /// <summary>True when a transaction's encoding is what these bytes are: whatever was decoded of them has no other form.</summary>
    public static bool IsCanonical(EncodedTransaction encoded, Transaction decoded)
    {
        using var writer = new CanonicalWriter();
        Write(writer, decoded, out var openLength);
        return writer.Written[..openLength].SequenceEqual(encoded.Open.Span) && writer.Written[openLength..].SequenceEqual(encoded.Closed!.Value.Span);
    }

    private static void Write(CanonicalWriter writer, Transaction transaction, out int openLength)
    {
        var persons = new Persons();
        WriteOpen(writer, transaction, persons);
        openLength = writer.Length;
        if (NeedsClosedPart(transaction))
        {
            WriteClosed(writer, transaction, persons);
        }
    }

    private static bool NeedsClosedPart(Transaction t) => !t.Salt.IsNone;

    private static void WriteOpen(CanonicalWriter w, Transaction t, Persons persons)
    {
        var has = Presence(t);
        w.Byte(Version);
        w.Id(t.Ledger);
        w.Byte((byte)t.Kind);
        w.Number(t.DecidedAt);
        w.Number(checked(t.ValidUntil - t.DecidedAt));
        w.Number((ulong)has);
        if (has.HasFlag(Has.Principal)) { w.Id(t.Principal); }
        if (has.HasFlag(Has.Program)) { w.Id(t.Program); }
        if (has.HasFlag(Has.Subject)) { w.Id(t.Subject); }
        if (has.HasFlag(Has.TermsVersion)) { w.Number((ulong)t.TermsVersion); }
        if (has.HasFlag(Has.Labels)) { w.List(t.Labels, static (w, label) => w.Text(label)); }
        if (t.Command is { } command)
        {
            w.Claim(command.Key);
            w.Claim(command.Content);
        }

        if (has.HasFlag(Has.Claims)) { w.List(t.Claims, static (w, claim) => w.Claim(claim)); }
        if (has.HasFlag(Has.Reopens)) { w.List(t.Reopens, static (w, claim) => w.Claim(claim)); }
        if (has.HasFlag(Has.Reads)) { WriteReads(w, t.Reads, ofPersons: false); }
        if (has.HasFlag(Has.Writes)) { WriteWrites(w, t.Writes, ofPersons: false); }
        if (has.HasFlag(Has.Postings)) { WritePostings(w, t.Postings, persons); }
        if (has.HasFlag(Has.Evidence)) { w.List(t.Evidence, static (w, hash) => w.Hash(hash)); }
        if (has.HasFlag(Has.Authorisations)) { w.List(t.Authorisations, WriteAuthorisation); }
        if (t.Chunk is { } chunk)
        {
            w.Number(chunk.Index);
            w.Hash(chunk.Root);
            w.Number(chunk.Unpaid.Count);
            w.List(chunk.Proof, static (w, hash) => w.Hash(hash));
        }

        if (t.Device is { } device)
        {
            w.Id(device.Device);
            w.Number(device.OccurredAt);
            w.Number(device.Deadline);
            w.Number(device.Counter);
        }
    }

    private static Has Presence(Transaction t)
    {
        var has = default(Has);
        void Set(Has bit, bool present) => has |= present ? bit : 0;
        Set(Has.Principal, !t.Principal.IsNone);
        Set(Has.Program, !t.Program.IsNone);
        Set(Has.Subject, !t.Subject.IsNone);
        Set(Has.TermsVersion, t.TermsVersion != 0);
        Set(Has.Labels, t.Labels.Count > 0);
        Set(Has.Command, t.Command is not null);
        Set(Has.Claims, t.Claims.Count > 0);
        Set(Has.Reopens, t.Reopens.Count > 0);
        Set(Has.Reads, Count(t.Reads, ofPersons: false) > 0);
        Set(Has.Writes, Count(t.Writes, ofPersons: false) > 0);
        Set(Has.Postings, t.Postings.Count > 0);
        Set(Has.Evidence, t.Evidence.Count > 0);
        Set(Has.Authorisations, t.Authorisations.Count > 0);
        Set(Has.Chunk, t.Chunk is not null);
        Set(Has.Device, t.Device is not null);
        Set(Has.Closed, NeedsClosedPart(t));
        return has;
    }

    private static void WritePostings(CanonicalWriter w, IReadOnlyList<Posting> postings, Persons persons)
    {
        var (units, lots) = (new List<string>(2), new List<Id>(2));
        foreach (var posting in postings)
        {
            AddNew(units, posting.Unit);
            AddNew(lots, posting.Lot);
        }

        w.List(units, static (w, unit) => w.Text(unit));
        w.List(lots, static (w, lot) => w.Id(lot));
        w.Number(postings.Count);
        foreach (var posting in postings)
        {
            w.Byte((byte)((posting.OfPerson ? 1 : 0) | (posting.Bucket == Bucket.Held ? 2 : 0)));
            if (posting.OfPerson)
            {
                w.Number(persons.IndexOf(posting.Account));
            }
            else
            {
                w.Id(posting.Account);
            }

            w.Number(units.IndexOf(posting.Unit));
            w.Number(lots.IndexOf(posting.Lot));
            w.Signed(posting.AmountMinor);
        }
    }

    private static void AddNew<T>(List<T> items, T item)
    {
        if (!items.Contains(item))
        {
            items.Add(item);
        }
    }

    private static void WriteClosed(CanonicalWriter w, Transaction t, Persons persons)
    {
        w.Id(t.Salt);
        w.List(persons.Ids, static (w, id) => w.Id(id));
        WriteReads(w, t.Reads, ofPersons: true);
        WriteWrites(w, t.Writes, ofPersons: true);
        w.List(t.Chunk?.Lines ?? [], static (w, line) =>
        {
            w.Id(line.Account);
            w.Id(line.Household);
            w.Number(line.AmountMinor);
            w.Id(line.Salt);
        });
        w.List(t.Chunk?.Unpaid ?? [], static (w, unpaid) =>
        {
            w.Number(unpaid.Index);
            w.Text(unpaid.Code);
        });
    }

    private static int Count(IReadOnlyList<RecordRead> reads, bool ofPersons)
    {
        var count = 0;
        foreach (var read in reads)
        {
            count += read.NamesPerson == ofPersons ? 1 : 0;
        }

        return count;
    }

    private static int Count(IReadOnlyList<RecordWrite> writes, bool ofPersons)
    {
        var count = 0;
        foreach (var write in writes)
        {
            count += write.Record.NamesPerson == ofPersons ? 1 : 0;
        }

        return count;
    }

    private static void WriteReads(CanonicalWriter w, IReadOnlyList<RecordRead> reads, bool ofPersons)
    {
        w.Number(Count(reads, ofPersons));
        foreach (var read in reads)
        {
            if (read.NamesPerson == ofPersons)
            {
                w.Byte((byte)read.Key.Kind);
                w.Id(read.Key.Id);
                w.Number((ulong)read.Version);
            }
        }
    }

    private static void WriteWrites(CanonicalWriter w, IReadOnlyList<RecordWrite> writes, bool ofPersons)
    {
        w.Number(Count(writes, ofPersons));
        foreach (var write in writes)
        {
            if (write.Record.NamesPerson == ofPersons)
            {
                w.Number((ulong)write.Version);
                RecordCodec.Write(w, write.Record);
            }
        }
    }

    private static void WriteAuthorisation(CanonicalWriter w, Authorisation authorisation)
    {
        w.Id(authorisation.Signer);
        w.Number((ulong)authorisation.RoleVersion);
        w.Signature(authorisation.Signature);
    }

    /// <summary>Persons' accounts in the order in which postings first name them.</summary>
    private sealed class Persons
    {
        // Nearly every transaction names one or two.
        private const int Few = 16;
        private Dictionary<Id, int>? indexes;

        public List<Id> Ids { get; } = new(2);

        public int IndexOf(Id account)
        {
            if (indexes is null && Ids.Count > Few)
            {
                indexes = Ids.Select((id, index) => (id, index)).ToDictionary(one => one.id, one => one.index);
            }

            var known = indexes is null ? Ids.IndexOf(account) : indexes.GetValueOrDefault(account, -1);
            if (known < 0)
            {
                known = Ids.Count;
                indexes?.Add(account, known);
                Ids.Add(account);
            }

            return known;
        }
    }
}
