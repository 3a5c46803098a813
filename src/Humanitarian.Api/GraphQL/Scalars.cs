using System.Globalization;
using GraphQL.Types;
using GraphQLParser.AST;
using Humanitarian.Chain.Crypto;
using Humanitarian.Domain;

namespace Humanitarian.Api.GraphQL;

/// <summary>A value that travels as text in one canonical spelling. Numbers are refused: JSON's cannot hold 64 bits.</summary>
public abstract class TextScalar<T> : ScalarGraphType
    where T : struct
{
    protected TextScalar(string name, string description)
    {
        Name = name;
        Description = description;
    }

    protected abstract T? Read(string text);

    protected abstract string Write(T value);

    public override object? ParseLiteral(GraphQLValue value) => value switch
    {
        GraphQLStringValue text => Read(text.Value.ToString()) ?? ThrowLiteralConversionError(value),
        GraphQLNullValue => null,
        _ => ThrowLiteralConversionError(value),
    };

    public override object? ParseValue(object? value) => value switch
    {
        string text => Read(text) ?? ThrowValueConversionError(value),
        T known => known,
        null => null,
        _ => ThrowValueConversionError(value),
    };

    public override object? Serialize(object? value) => value switch
    {
        T known => Write(known),
        null => null,
        _ => ThrowSerializationError(value),
    };
}

/// <summary>Ids of everything on a ledger.</summary>
public sealed class IdScalar() : TextScalar<Id>("Id", "128 bits as 32 lower-case hexadecimal digits.")
{
    protected override Id? Read(string text) => Id.TryParse(text, out var id) ? id : null;

    protected override string Write(Id value) => value.ToString();
}

/// <summary>Instants. The chain counts from 1970, and nothing that a client may ask for was before.</summary>
public sealed class InstantScalar : DateTimeOffsetGraphType
{
    public InstantScalar()
    {
        Name = "DateTimeOffset";
        Description = "An instant in ISO 8601 with its offset from UTC, such as 2026-11-24T08:00:00Z; none before 1970.";
    }

    public override object? ParseLiteral(GraphQLValue value) => base.ParseLiteral(value) is var read && IsBefore(read) ? ThrowLiteralConversionError(value) : read;

    public override object? ParseValue(object? value) => base.ParseValue(value) is var read && IsBefore(read) ? ThrowValueConversionError(value) : read;

    private static bool IsBefore(object? read) => read is DateTimeOffset instant && instant < DateTimeOffset.UnixEpoch;
}

/// <summary>Hashes of transactions, blocks and evidence.</summary>
public sealed class HashScalar() : TextScalar<Hash32>("Hash", "32 bytes as 64 hexadecimal digits with 0x.")
{
    protected override Hash32? Read(string text) => Hash32.TryParse(text, out var hash) ? hash : null;

    protected override string Write(Hash32 value) => value.ToString();
}

/// <summary>Addresses of signing keys.</summary>
public sealed class AddressScalar() : TextScalar<Address>("Address", "An Ethereum address; mixed case must match the EIP-55 checksum.")
{
    protected override Address? Read(string text) => Address.TryParse(text, out var address) ? address : null;

    protected override string Write(Address value) => value.ToChecksumText();
}

/// <summary>Signatures of members and devices.</summary>
public sealed class SignatureScalar() : TextScalar<Signature>("Signature", "r, s and v (27 or 28) as 130 hexadecimal digits with 0x, low s.")
{
    protected override Signature? Read(string text) => Signature.TryParse(text, out var signature) ? signature : null;

    protected override string Write(Signature value) => value.ToString();
}

/// <summary>Whole numbers that JSON's numbers cannot hold.</summary>
public sealed class Int64StringScalar() : TextScalar<long>("Int64String", "A whole number of 64 bits, always as a string of digits: JSON numbers lose its last digits.")
{
    protected override long? Read(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && text[0] != '+' ? number : null;

    protected override string Write(long value) => value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Heights and counters.</summary>
public sealed class UInt64StringScalar() : TextScalar<ulong>("UInt64String", "A whole number from zero, of 64 bits, always as a string of digits.")
{
    protected override ulong? Read(string text) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    protected override string Write(ulong value) => value.ToString(CultureInfo.InvariantCulture);
}
