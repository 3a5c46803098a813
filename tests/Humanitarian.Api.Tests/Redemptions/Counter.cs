using System.Text.Json;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Chain.Authority;
using Humanitarian.Chain.Crypto;
using Humanitarian.Domain;
using Humanitarian.Grains.Tests.Support;

namespace Humanitarian.Api.Tests.Redemptions;

/// <summary>A till of a program whose beneficiaries confirm each redemption: 50.00 a day by PIN alone.</summary>
internal sealed class Counter(ApiServer api, string name)
{
    public const string Terms =
        """{"preset":"own","rules":[{"rule":"backedByGrants"},{"rule":"enrolmentRequired"},{"rule":"accreditedVendors"},{"rule":"confirmedRedemptions","pinPerDayMinor":2000,"serveAfterDays":3}]}""";

    public Aid Aid { get; } = new(api, name);

    public string[] Accounts { get; private set; } = [];

    public Cast Cast => Aid.Cast;

    /// <summary>Two people with 25.00 each.</summary>
    public async Task<Counter> OpenAsync(string terms = Terms)
    {
        await Aid.SetUpAsync();
        await Aid.AmendAsync(terms);
        var list = await Aid.ListAsync(2);
        await Cast.DoneAsync(Aid.Registrar, "enrolBeneficiaries", Cast.Input(("programId", Aid.Text(Aid.Program)), ("listId", list)));
        Accounts = await Aid.AccountsAsync(list);
        await Aid.UntilAsync(await Aid.ReleaseAsync(list, 0, 2, inPerson: false), "COMPLETED");
        return this;
    }

    public Task<JsonElement> SetPinAsync(int person, string pin, Actor? by = null) => api.MutateAsync(
        (by ?? Aid.Registrar).Key, "setPin", Cast.Input(("accountId", Accounts[person]), ("pin", pin)), "credential { pinSetBy }");

    public Dictionary<string, object?> Input(int person, long amountMinor, string? pin = null, object? card = null, Id? vendor = null) => Cast.Input(
        ("programId", Aid.Text(Aid.Program)), ("beneficiaryAccountId", Accounts[person]), ("vendorAccountId", Aid.Text(vendor ?? Aid.VendorAccount)),
        ("amount", Cast.Money(amountMinor)), ("categories", Array.Empty<string>()), ("pin", pin), ("card", card));

    public Task<JsonElement> RedeemAsync(int person, long amountMinor, string? pin = null, object? card = null, Id? vendor = null, Actor? till = null) =>
        api.MutateAsync((till ?? Aid.Till).Key, "redeemVoucher", Input(person, amountMinor, pin, card, vendor));

    /// <summary>A card's answer to a challenge of the server.</summary>
    public async Task<object> AnswerAsync(int person, long amountMinor, Id card)
    {
        var data = await api.QueryAsync(
            Aid.Till.Key,
            "query($p: Id!, $b: Id!, $v: Id!, $a: Int64String!) { cardChallenge(programId: $p, beneficiaryAccountId: $b, vendorAccountId: $v, amountMinor: $a) { challenge until toSign { primaryType } } }",
            new { p = Aid.Text(Aid.Program), b = Accounts[person], v = Aid.Text(Aid.VendorAccount), a = Cast.Text(amountMinor) });
        var made = data.GetProperty("cardChallenge");
        Assert.Equal("CardRedemption", made.GetProperty("toSign").GetProperty("primaryType").GetString());
        var (challenge, until) = (made.GetProperty("challenge").GetString()!, made.GetProperty("until").GetString()!);
        var toSign = new CardRedemptionToSign(
            Aid.Program, Id.Parse(Accounts[person]), Aid.VendorAccount, "KES", amountMinor, Id.Parse(challenge),
            long.Parse(until, System.Globalization.CultureInfo.InvariantCulture));
        return new { challenge, until, signature = api.Founding.Sign(card, SignedObjects.Digest(api.Founding.Identity.Domain, toSign)).ToString() };
    }

    /// <summary>Another till of the same shop, accredited too.</summary>
    public Task<Id> SecondTillAsync() => TillAsync(Aid.Till);

    /// <summary>A till of another shop, accredited too.</summary>
    public async Task<(Actor Till, Id Account)> OtherShopAsync()
    {
        var till = await Cast.OrganisationAsync("VENDOR", "ADMINISTRATOR", "VENDOR");
        return (till, await TillAsync(till));
    }

    private async Task<Id> TillAsync(Actor of)
    {
        var account = Cast.Id(await Cast.DoneAsync(of, "openAccount", Cast.Input(("kind", "VENDOR"), ("tags", new[] { "second" })), "account { id }"), "account");
        await Cast.DoneAsync(Aid.Administrator, "accreditVendor", Cast.Input(("programId", Aid.Text(Aid.Program)), ("vendorAccountId", Aid.Text(account)), ("categories", Array.Empty<string>())));
        return account;
    }

    public Id Card(string which) => Founding.IdOf($"{name} card {which}");

    public async Task<JsonElement> IssueAsync(int person, Id card, Actor? by = null) => await api.MutateAsync(
        (by ?? Aid.Registrar).Key, "issueCard", Cast.Input(("accountId", Accounts[person]), ("card", api.Founding.AddressOf(card).ToChecksumText())), "credential { card cardBlockedBy }");
}
