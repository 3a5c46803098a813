using System.Security.Cryptography;
using System.Text.Json;
using Humanitarian.Api.GraphQL;
using Humanitarian.Api.Keys;
using Humanitarian.Api.SecondFactor;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Domain;
using Humanitarian.Domain.Organisations;
using Humanitarian.Grains.Reading;
using Microsoft.Extensions.DependencyInjection;

namespace Humanitarian.Api.Tests.SecondFactor;

/// <summary>Passkeys for approvals and releases, against an authenticator in software.</summary>
public sealed class PasskeyTests(ApiServer api)
{
    [Fact]
    public async Task Passkey_confirms_the_decision_that_it_was_asked_about_and_no_other()
    {
        var aid = await new Aid(api, "passkeys").SetUpAsync();
        var cast = aid.Cast;
        var list = await aid.ListAsync(1);
        await cast.DoneAsync(aid.Registrar, "enrolBeneficiaries", cast.Input(("programId", Aid.Text(aid.Program)), ("listId", list)));
        await cast.DoneAsync(aid.Administrator, "requireSecondFactor", cast.Input(("required", true)));
        var drafted = await cast.DoneAsync(aid.Registrar, "createDisbursement", cast.Input(
            ("programId", Aid.Text(aid.Program)), ("listId", list), ("firstRow", "0"), ("rows", "1"), ("inPerson", false),
            ("grants", new[] { new { grantId = Aid.Text(aid.Grant), amount = Cast.Money(2_500) } }), ("period", "2026-11"), ("assistanceKind", "food")), "disbursement { id }");
        var id = drafted.GetProperty("disbursement").GetProperty("id").GetString();
        await cast.DoneAsync(aid.Registrar, "validateDisbursement", cast.Input(("disbursementId", id)));

        foreach (var (actor, name) in new[] { (aid.Approver, "approveDisbursement"), (aid.Releaser, "releaseDisbursement") })
        {
            using var passkey = new SoftAuthenticator();
            await AddAsync(cast, actor, passkey);
            var input = cast.Input(("disbursementId", id));
            ApiServer.Done(await ConfirmAsync(cast, actor.Key, passkey.Get(await OwedAsync(actor.Key, name, input))));

            // Neither another decision, nor the same one under another key of the member.
            await OwedAsync(actor.Key, name, cast.Input(("disbursementId", id)));
            await OwedAsync((await api.Keys.CreateAsync(actor.Member, actor.Organisation)).Secret, name, input);
            ApiServer.Done(await api.SignAsync(actor.Key, actor.Signer, name, input));
        }

        await aid.UntilAsync(id!, "COMPLETED");
    }

    public static TheoryData<string> Lies => [.. Told.Keys];

    private static Dictionary<string, Action<SoftAuthenticator>> Told { get; } = new()
    {
        ["another origin"] = passkey => passkey.Origin = "https://ledger.example.org.evil.example",
        ["an origin of the domain that is not named"] = passkey => passkey.Origin = "https://ledger.example.org",
        ["a frame in another page"] = passkey => passkey.CrossOrigin = true,
        ["another relying party"] = passkey => passkey.Party = "evil.example",
        ["another challenge"] = passkey => passkey.Challenge = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        ["no user verification"] = passkey => passkey.Verifies = false,
        ["another key"] = passkey => passkey.Key = ECDsa.Create(ECCurve.NamedCurves.nistP256),
        ["another credential"] = passkey => passkey.CredentialId = new byte[32],
        ["another user"] = passkey => passkey.User = "AAAA",
        ["a registration"] = passkey => passkey.Type = "webauthn.create",
        ["a counter that stands still"] = passkey => passkey.Counter--,
        ["a counter gone back"] = passkey => passkey.Counter = 0,
    };

    [Theory]
    [MemberData(nameof(Lies))]
    public async Task Answer_with_a_lie_confirms_nothing(string lie)
    {
        var cast = new Cast(api, $"lies {lie}");
        var member = await cast.OrganisationAsync("NGO", "ADMINISTRATOR");
        using var passkey = new SoftAuthenticator();
        await AddAsync(cast, member, passkey);
        var first = cast.Input(("credentialId", "none"));
        ApiServer.Done(await ConfirmAsync(cast, member.Key, passkey.Get(await OwedAsync(member.Key, "removePasskey", first))));

        var input = cast.Input(("credentialId", "none"));
        var asked = await OwedAsync(member.Key, "removePasskey", input);
        Told[lie](passkey);
        ApiServer.Refused(ApiCode.PasskeyInvalid, await ConfirmAsync(cast, member.Key, passkey.Get(asked)));
        await OwedAsync(member.Key, "removePasskey", input);
    }

    [Theory]
    [InlineData("another origin")]
    [InlineData("a frame in another page")]
    [InlineData("another relying party")]
    [InlineData("another challenge")]
    [InlineData("no user verification")]
    public async Task Registration_with_a_lie_adds_nothing(string lie)
    {
        var cast = new Cast(api, $"registration {lie}");
        var member = await cast.OrganisationAsync("NGO", "READER");
        using var passkey = new SoftAuthenticator();
        Told[lie](passkey);
        ApiServer.Refused(ApiCode.PasskeyInvalid, await api.MutateAsync(member.Key, "addPasskey", cast.Input(("credential", passkey.Create(await RequestAsync(cast, member.Key))))));
        Assert.Empty(await NamesAsync(member));
    }

    [Fact]
    public async Task Answer_counts_once_even_of_an_authenticator_that_counts_nothing()
    {
        var cast = new Cast(api, "replay");
        var member = await cast.OrganisationAsync("NGO", "ADMINISTRATOR");
        using var passkey = new SoftAuthenticator { Counts = false };
        await AddAsync(cast, member, passkey);
        var answer = passkey.Get(await OwedAsync(member.Key, "removePasskey", cast.Input(("credentialId", "none"))));

        // What was asked of one key is not answered by another of the member.
        var other = (await api.Keys.CreateAsync(member.Member, member.Organisation)).Secret;
        ApiServer.Refused(ApiCode.PasskeyInvalid, await ConfirmAsync(cast, other, answer));
        var at = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => ConfirmAsync(cast, member.Key, answer)));
        Assert.Single(at, one => one.GetProperty("userErrors").GetArrayLength() == 0);
        ApiServer.Refused(ApiCode.PasskeyInvalid, await ConfirmAsync(cast, member.Key, answer));
        foreach (var nothing in new[] { "", "{}", "[]", "{\"response\":{\"clientDataJSON\":\"???\"}}", "{\"response\":{\"clientDataJSON\":\"W10\"}}" })
        {
            ApiServer.Refused(ApiCode.PasskeyInvalid, await ConfirmAsync(cast, member.Key, nothing));
        }
    }

    [Fact]
    public async Task Passkey_is_one_members_for_ever()
    {
        var cast = new Cast(api, "one passkey");
        var first = await cast.OrganisationAsync("NGO", "ADMINISTRATOR");
        var second = await cast.MemberAsync(first, "APPROVER");
        using var passkey = new SoftAuthenticator();
        await AddAsync(cast, first, passkey);
        ApiServer.Done(await api.MutateAsync(
            second.Key, "requestPasskey", cast.Input(("name", "own"))));
        await TakenAsync(passkey);

        // The same key under another name is the same authenticator.
        var id = passkey.CredentialId;
        passkey.CredentialId = RandomNumberGenerator.GetBytes(32);
        await TakenAsync(passkey);
        passkey.CredentialId = id;

        var remove = cast.Input(("credentialId", System.Buffers.Text.Base64Url.EncodeToString(id)));
        ApiServer.Done(await ConfirmAsync(cast, first.Key, passkey.Get(await OwedAsync(first.Key, "removePasskey", remove))));
        ApiServer.Done(await api.MutateAsync(first.Key, "removePasskey", remove));
        await TakenAsync(passkey);
        Assert.Empty(await NamesAsync(second));
        await AddAsync(cast, first, passkey);

        async Task TakenAsync(SoftAuthenticator one) => ApiServer.Refused(
            ApiCode.PasskeyTaken, await api.MutateAsync(second.Key, "addPasskey", cast.Input(("credential", one.Create(await RequestAsync(cast, second.Key))))));
    }

    [Fact]
    public async Task Members_have_several_passkeys_and_show_one_before_another_factor_is_added()
    {
        var cast = new Cast(api, "several");
        var first = await cast.OrganisationAsync("NGO", "ADMINISTRATOR");
        var member = await cast.MemberAsync(first, "APPROVER");
        using var telephone = new SoftAuthenticator();
        using var stick = new SoftAuthenticator();
        await AddAsync(cast, member, telephone, "telephone");
        var request = cast.Input(("name", "stick"));
        ApiServer.Done(await ConfirmAsync(cast, member.Key, telephone.Get(await OwedAsync(member.Key, "requestPasskey", request))));
        var asked = ApiServer.Done(await api.MutateAsync(member.Key, "requestPasskey", request, "options")).GetProperty("options").GetString()!;
        ApiServer.Done(await api.MutateAsync(member.Key, "addPasskey", cast.Input(("credential", stick.Create(asked)))));
        Assert.Equal(["telephone", "stick"], await NamesAsync(member));

        // An app beside them needs one of them, whichever; so does removing one.
        var enrol = cast.Input();
        ApiServer.Done(await ConfirmAsync(cast, member.Key, stick.Get(await OwedAsync(member.Key, "enrolSecondFactor", enrol))));
        ApiServer.Done(await api.MutateAsync(member.Key, "enrolSecondFactor", enrol));
        var remove = cast.Input(("credentialId", System.Buffers.Text.Base64Url.EncodeToString(telephone.CredentialId)));
        ApiServer.Done(await ConfirmAsync(cast, member.Key, stick.Get(await OwedAsync(member.Key, "removePasskey", remove))));
        ApiServer.Done(await api.MutateAsync(member.Key, "removePasskey", remove));
        Assert.Equal(["stick"], await NamesAsync(member));

        ApiServer.Done(await api.MutateAsync(first.Key, "removeSecondFactor", cast.Input(("memberId", member.Member.ToString()))));
        Assert.Empty(await NamesAsync(member));
        await AddAsync(cast, member, telephone);
    }

    [Fact]
    public async Task Challenge_and_confirmed_decision_expire_after_five_minutes()
    {
        var cast = new Cast(api, "late passkey");
        var actor = await cast.OrganisationAsync("NGO", "ADMINISTRATOR");
        var time = new StoppedTime();
        var options = api.Services.GetRequiredService<HumanitarianApiOptions>();
        var passkeys = new Passkeys(api.Services.GetRequiredService<SealedDocuments>(), options, api.Services.GetRequiredService<LedgerInfo>(), time);
        var member = await api.Services.GetRequiredService<LedgerReader>().FindAsync<MemberRecord>(RecordKind.Member, actor.Member, default);
        var caller = new Caller(member.Record!, member.Version, time) { Credential = "key" };
        using var passkey = new SoftAuthenticator();
        Assert.Null((await passkeys.AddAsync(caller, passkey.Create((await passkeys.AskToAddAsync(caller, "one", default)).Json!), default)).Refusal);

        var late = await passkeys.AskToConfirmAsync(caller, "decision", default);
        time.Now += Passkeys.Fresh;
        Assert.Equal(ApiCode.PasskeyInvalid, (await passkeys.ConfirmAsync(caller, passkey.Get(late!), default))?.Code);

        var asked = await passkeys.AskToConfirmAsync(caller, "decision", default);
        time.Now += Passkeys.Fresh - TimeSpan.FromMilliseconds(1);
        Assert.Null(await passkeys.ConfirmAsync(caller, passkey.Get(asked!), default));
        Assert.True(await passkeys.IsConfirmedAsync(caller, "decision", default));
        Assert.False(await passkeys.IsConfirmedAsync(caller, "another", default));
        time.Now += Passkeys.Fresh;
        Assert.False(await passkeys.IsConfirmedAsync(caller, "decision", default));

        var off = new Passkeys(api.Services.GetRequiredService<SealedDocuments>(), options with { SignIn = new() }, api.Services.GetRequiredService<LedgerInfo>(), time);
        Assert.Equal(ApiCode.PasskeysOff, (await off.AskToAddAsync(caller, "two", default)).Refusal?.Code);
        Assert.Null(await off.AskToConfirmAsync(caller, "decision", default));
    }

    private async Task<string> RequestAsync(Cast cast, string key, string name = "passkey") =>
        ApiServer.Done(await api.MutateAsync(key, "requestPasskey", cast.Input(("name", name)), "options")).GetProperty("options").GetString()!;

    private async Task AddAsync(Cast cast, Actor actor, SoftAuthenticator passkey, string name = "passkey")
    {
        var answer = passkey.Create(await RequestAsync(cast, actor.Key, name));
        var added = ApiServer.Done(await api.MutateAsync(actor.Key, "addPasskey", cast.Input(("credential", answer)), "passkey { name }"));
        Assert.Equal(name, added.GetProperty("passkey").GetProperty("name").GetString());
    }

    private Task<JsonElement> ConfirmAsync(Cast cast, string key, string answer) => api.MutateAsync(key, "confirmWithPasskey", cast.Input(("credential", answer)));

    /// <summary>What the member's passkeys are asked about a decision that needs one of them.</summary>
    private async Task<string> OwedAsync(string key, string decision, Dictionary<string, object?> input) =>
        ApiServer.Refused(ApiCode.SecondFactorRequired, await api.MutateAsync(key, decision, input, "toConfirm")).GetProperty("toConfirm").GetString()!;

    private async Task<string?[]> NamesAsync(Actor actor) =>
        [.. (await api.QueryAsync(actor.Key, "{ passkeys(first: 10) { nodes { name credentialId addedAt usedAt synced } } }")).GetProperty("passkeys").GetProperty("nodes").EnumerateArray()
            .Select(one => one.GetProperty("name").GetString())];

    private sealed class StoppedTime : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = System.GetUtcNow();

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
