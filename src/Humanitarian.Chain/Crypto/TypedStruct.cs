using System.Collections;
using System.Globalization;
using System.Numerics;
using System.Text;
using Humanitarian.Domain;

namespace Humanitarian.Chain.Crypto;

/// <summary>
/// One EIP-712 struct type. Members are atomic (uintN, intN, bytesN, address, bool, string, bytes), structs given as references,
/// or arrays of either. Where a type is hashed often, keep its <see cref="TypeHash"/> and write words with <see cref="Eip712Writer"/>.
/// </summary>
public sealed class TypedStruct
{
    private readonly (string Name, string Type)[] members;
    private readonly SortedDictionary<string, string> referenced = new(StringComparer.Ordinal);
    private readonly string definition;

    /// <exception cref="ArgumentException">A member's type is not one that EIP-712 knows.</exception>
    public TypedStruct(string name, params (string Name, string Type)[] members)
        : this(name, [], members)
    {
    }

    /// <summary>A type with members that are themselves structs: the references hold their types.</summary>
    /// <exception cref="ArgumentException">A member's type is neither one that EIP-712 knows nor among the references.</exception>
    public TypedStruct(string name, TypedStruct[] references, params (string Name, string Type)[] members)
    {
        foreach (var reference in references)
        {
            referenced[reference.Name] = reference.definition;
            foreach (var (innerName, inner) in reference.referenced) referenced[innerName] = inner;
        }

        foreach (var (_, type) in members)
            if (!IsKnown(ElementType(type))) throw new ArgumentException($"{type} is not a type of EIP-712.", nameof(members));

        Name = name;
        this.members = members;
        definition = $"{name}({string.Join(',', members.Select(member => $"{member.Type} {member.Name}"))})";
        EncodedType = definition + string.Concat(referenced.Values);
        TypeHash = Keccak.Hash(Encoding.UTF8.GetBytes(EncodedType));
    }

    public string Name { get; }

    /// <summary>The members in their order.</summary>
    public IReadOnlyList<(string Name, string Type)> Members => members;

    /// <summary>The type as text: this struct, then those it references sorted by name.</summary>
    public string EncodedType { get; }

    public Hash32 TypeHash { get; }

    /// <summary>
    /// keccak256(typeHash ‖ words). Takes one value for each member: any .NET integer, UInt128 or BigInteger; Hash32 or byte[] for bytesN;
    /// Address; bool; string; byte[] for bytes; the Hash32 of a nested struct; any sequence of these for an array.
    /// </summary>
    /// <exception cref="ArgumentException">A value does not fit its member's type.</exception>
    public Hash32 HashStruct(params object[] values)
    {
        if (values.Length != members.Length) throw new ArgumentException($"{Name} has {members.Length} members.", nameof(values));

        Span<byte> word = stackalloc byte[32];
        var hasher = new KeccakHasher();
        TypeHash.CopyTo(word);
        hasher.Append(word);
        for (var i = 0; i < values.Length; i++)
        {
            Encode(members[i].Type, values[i], word);
            hasher.Append(word);
        }

        return hasher.Finish();
    }

    private void Encode(string type, object value, Span<byte> word)
    {
        word.Clear();
        switch (value)
        {
            case IEnumerable elements when ElementType(type) != type:
                HashOfArray(ElementType(type), elements).CopyTo(word);
                break;
            case string text when type == "string":
                Keccak.Hash(Encoding.UTF8.GetBytes(text), word);
                break;
            case byte[] bytes when type == "bytes":
                Keccak.Hash(bytes, word);
                break;
            case byte[] bytes when IsFixedBytes(type) && bytes.Length == Width(type, "bytes"):
                bytes.CopyTo(word);
                break;
            case Hash32 hash when type == "bytes32" || referenced.ContainsKey(type):
                hash.CopyTo(word);
                break;
            case Address address when type == "address":
                address.CopyTo(word[12..]);
                break;
            case bool flag when type == "bool":
                word[31] = flag ? (byte)1 : (byte)0;
                break;
            default:
                EncodeInteger(type, value, word);
                break;
        }
    }

    private Hash32 HashOfArray(string elementType, IEnumerable elements)
    {
        Span<byte> word = stackalloc byte[32];
        var hasher = new KeccakHasher();
        foreach (var element in elements)
        {
            Encode(elementType, element, word);
            hasher.Append(word);
        }

        return hasher.Finish();
    }

    private static void EncodeInteger(string type, object value, Span<byte> word)
    {
        BigInteger number = value switch
        {
            BigInteger big => big,
            UInt128 wide => wide,
            Int128 wide => wide,
            ulong unsigned => unsigned,
            sbyte or byte or short or ushort or int or uint or long => Convert.ToInt64(value, CultureInfo.InvariantCulture),
            _ => throw Unfit(),
        };
        if (!IsInteger(type)) throw Unfit();

        var signed = type[0] == 'i';
        var bits = Width(type, signed ? "int" : "uint") - (signed ? 1 : 0);
        if (number >= BigInteger.One << bits || number < (signed ? -(BigInteger.One << bits) : 0)) throw Unfit();

        if (number.Sign < 0) number += BigInteger.One << 256;
        var bytes = number.ToByteArray(isUnsigned: true, isBigEndian: true);
        bytes.CopyTo(word[(32 - bytes.Length)..]);

        ArgumentException Unfit() => new($"A {value.GetType().Name} of this value is no {type}.", nameof(value));
    }

    private bool IsKnown(string type) =>
        type is "address" or "bool" or "string" or "bytes" || IsInteger(type) || IsFixedBytes(type) || referenced.ContainsKey(type);

    private static bool IsInteger(string type) =>
        (Width(type, "uint") is var unsigned and >= 8 and <= 256 && unsigned % 8 == 0)
        || (Width(type, "int") is var signed and >= 8 and <= 256 && signed % 8 == 0);

    private static bool IsFixedBytes(string type) => Width(type, "bytes") is >= 1 and <= 32;

    // The number after the prefix, or 0 where there is none: EIP-712 has no aliases such as "uint".
    private static int Width(string type, string prefix) =>
        type.StartsWith(prefix, StringComparison.Ordinal)
        && type.Length > prefix.Length && type[prefix.Length] != '0'
        && int.TryParse(type.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var width) ? width : 0;

    private static string ElementType(string type) => type.EndsWith("[]", StringComparison.Ordinal) ? type[..^2] : type;
}
