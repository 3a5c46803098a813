using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Humanitarian.Chain.Authority;
using Humanitarian.Chain.Blocks;
using Humanitarian.Chain.Crypto;
using Humanitarian.Domain;
using Humanitarian.Grains.Commands;

namespace Humanitarian.Api.GraphQL;

/// <summary>EIP-712 typed data to sign. <c>json</c> is what <c>eth_signTypedData_v4</c> takes; ethers wants its types without EIP712Domain.</summary>
/// <param name="Domain">Where the signature counts.</param>
/// <param name="Types">The structs.</param>
/// <param name="PrimaryType">The struct that is signed.</param>
/// <param name="Message">Its members and their values.</param>
/// <param name="Json">All of it as one JSON text, as wallets take it.</param>
public sealed record TypedData(
    TypedDataDomain Domain, IReadOnlyList<TypedDataStruct> Types, string PrimaryType, IReadOnlyList<TypedDataValue> Message, string Json)
{
    private static readonly JsonSerializerOptions Plain = new() { WriteIndented = false };

    /// <summary>A member's decision.</summary>
    internal static TypedData Of(LedgerDomain domain, ToSign toSign) => Make(
        domain, SignedObjects.Authorisation, toSign.Action, toSign.Object.ToString(), Text(toSign.TotalMinor), Text(toSign.RoleVersion));

    /// <summary>A field agent's delivery.</summary>
    internal static TypedData Of(LedgerDomain domain, DeliveryToSign delivery) => Make(
        domain, SignedObjects.Delivery, Number(delivery.Device), Number(delivery.Disbursement), Number(delivery.Account), delivery.Unit,
        Text(delivery.AmountMinor), delivery.Purpose, Text(delivery.OccurredAt), Text(delivery.Deadline), Text(delivery.Counter));

    /// <summary>A card's answer to a challenge.</summary>
    internal static TypedData Of(LedgerDomain domain, CardRedemptionToSign redemption) => Make(
        domain, SignedObjects.CardRedemption, Number(redemption.Program), Number(redemption.Account), Number(redemption.Vendor), redemption.Unit,
        Text(redemption.AmountMinor), Number(redemption.Challenge), Text(redemption.Until));

    /// <summary>A card's answer to a challenge to sign in.</summary>
    internal static TypedData OfSignIn(LedgerDomain domain, Id account, Id challenge, long until) =>
        Make(domain, SignedObjects.PersonSignIn, Number(account), Number(challenge), Text(until));

    private static TypedData Make(LedgerDomain domain, TypedStruct type, params string[] values)
    {
        var members = type.Members.Select(member => new TypedDataMember(member.Name, member.Type)).ToArray();
        var separate = new TypedDataDomain(LedgerDomain.Name, LedgerDomain.Version, domain.Salt);
        var message = members.Zip(values, (member, value) => new TypedDataValue(member.Name, value)).ToArray();
        return new TypedData(separate, [new TypedDataStruct(type.Name, members)], type.Name, message, JsonOf(separate, type.Name, members, message));
    }

    private static string JsonOf(TypedDataDomain domain, string name, TypedDataMember[] members, TypedDataValue[] message) =>
        new JsonObject
        {
            ["domain"] = new JsonObject { ["name"] = domain.Name, ["version"] = domain.Version, ["salt"] = domain.Salt.ToString() },
            ["types"] = new JsonObject
            {
                ["EIP712Domain"] = Members([new("name", "string"), new("version", "string"), new("salt", "bytes32")]),
                [name] = Members(members),
            },
            ["primaryType"] = name,
            ["message"] = new JsonObject(message.Select(value => KeyValuePair.Create(value.Name, (JsonNode?)value.Value))),
        }.ToJsonString(Plain);

    private static JsonArray Members(IEnumerable<TypedDataMember> members) =>
        new([.. members.Select(member => new JsonObject { ["name"] = member.Name, ["type"] = member.Type })]);

    private static string Number(Id id) => new UInt128(id.High, id.Low).ToString(CultureInfo.InvariantCulture);

    private static string Text(IFormattable number) => number.ToString(null, CultureInfo.InvariantCulture);
}

/// <summary>The ledger that a signature counts on.</summary>
/// <param name="Name">The domain's name.</param>
/// <param name="Version">The domain's version.</param>
/// <param name="Salt">Keccak-256 of the ledger's id: a signature counts on this ledger alone.</param>
public sealed record TypedDataDomain(string Name, string Version, Hash32 Salt);

/// <summary>A struct of EIP-712.</summary>
/// <param name="Name">The struct's name.</param>
/// <param name="Members">Its members in their order.</param>
public sealed record TypedDataStruct(string Name, IReadOnlyList<TypedDataMember> Members);

/// <summary>A member of a struct.</summary>
/// <param name="Name">The member's name.</param>
/// <param name="Type">Its Solidity type, such as uint64.</param>
public sealed record TypedDataMember(string Name, string Type);

/// <summary>A value to sign.</summary>
/// <param name="Name">The member's name.</param>
/// <param name="Value">Numbers in decimal, hashes in hexadecimal with 0x.</param>
public sealed record TypedDataValue(string Name, string Value);
