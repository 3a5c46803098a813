using System.Buffers.Text;
using System.Text.Json;
using Humanitarian.Api.Provider;
using Humanitarian.Api.Tests.SignIn;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Domain;
using Humanitarian.Grains.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Org.BouncyCastle.Crypto.Parameters;
using OtpNet;

namespace Humanitarian.Api.Tests.Keys;

/// <summary>Mutations of what lies beside the ledger, sent again under the same idempotency key.</summary>
public sealed class RepetitionTests(ApiServer api)
{
    [Fact]
    public async Task Late_retry_that_lifted_the_rule_of_a_second_factor_does_not_lift_it_again()
    {
        var (cast, member) = await MemberAsync("late lift");
        var secret = ApiServer.Done(await api.MutateAsync(member.Key, "enrolSecondFactor", cast.Input(), "secret")).GetProperty("secret").GetString()!;
        ApiServer.Done(await api.MutateAsync(
            member.Key, "verifySecondFactor", cast.Input(("code", new Totp(Base32Encoding.ToBytes(secret)).ComputeTotp(TimeProvider.System.GetUtcNow().UtcDateTime)))));
        var lift = cast.Input(("required", false));
        Assert.False(Replayed(await api.MutateAsync(member.Key, "requireSecondFactor", lift)));
        ApiServer.Done(await api.MutateAsync(member.Key, "requireSecondFactor", cast.Input(("required", true))));
        Assert.True(Replayed(await api.MutateAsync(member.Key, "requireSecondFactor", lift)));

        // A key that has shown no code finds out whether the rule stands.
        var other = (await api.Keys.CreateAsync(member.Member, member.Organisation)).Secret;
        ApiServer.Refused(ApiCode.SecondFactorRequired, await api.MutateAsync(other, "requireSecondFactor", cast.Input(("required", false))));
        await ConflictsAsync(member, "requireSecondFactor", lift, ("required", true));
    }

    [Fact]
    public async Task Late_retry_of_a_passphrase_does_not_bring_it_back_and_nothing_of_it_is_kept()
    {
        var (cast, member) = await MemberAsync("late passphrase");
        var passphrases = api.Services.GetRequiredService<Passphrases>();
        var old = cast.Input(("passphrase", "correct horse battery"));
        Assert.False(Replayed(await api.MutateAsync(member.Key, "setPassphrase", old)));
        ApiServer.Done(await api.MutateAsync(member.Key, "setPassphrase", cast.Input(("passphrase", "another horse battery"))));
        Assert.True(Replayed(await api.MutateAsync(member.Key, "setPassphrase", old)));
        Assert.NotNull(await passphrases.CheckAsync(member.Member, "another horse battery", TestContext.Current.CancellationToken));
        await ConflictsAsync(member, "setPassphrase", old, ("passphrase", "a third horse's battery"));
    }

    [Fact]
    public async Task Late_retries_bind_no_issuer_and_no_member_again()
    {
        await using var issuer = await TestIssuer.StartAsync();
        await using var door = await Door.OpenAsync(api);
        var (cast, member) = await MemberAsync("late issuer");
        var bind = cast.Input(("issuer", issuer.Url), ("audience", TestIssuer.Audience));
        var subject = cast.Input(("memberId", member.Member.ToString()), ("issuer", issuer.Url), ("subject", "late"));
        Assert.False(Replayed(await door.MutateAsync(member.Key, "bindIssuer", bind)));
        Assert.False(Replayed(await door.MutateAsync(member.Key, "bindSignIn", subject)));
        Assert.Equal(member.Member.ToString(), await door.MeAsync(issuer.Token("late")));
        ApiServer.Done(await door.MutateAsync(member.Key, "unbindSignIn", cast.Input(("issuer", issuer.Url), ("subject", "late"))));
        Assert.True(Replayed(await door.MutateAsync(member.Key, "bindSignIn", subject)));
        Assert.Null(await door.MeAsync(issuer.Token("late")));

        ApiServer.Done(await door.MutateAsync(member.Key, "unbindIssuer", cast.Input(("issuer", issuer.Url))));
        Assert.True(Replayed(await door.MutateAsync(member.Key, "bindIssuer", bind)));
        var (_, answer) = await door.Front.PostAsync(member.Key, new { query = "{ issuers { issuer } }" });
        Assert.Empty(answer.GetProperty("data").GetProperty("issuers").EnumerateArray());
    }

    [Fact]
    public async Task Late_retry_adds_no_key_that_was_removed_and_is_told_the_same_id()
    {
        var (cast, member) = await MemberAsync("late key");
        var key = new Ed25519PrivateKeyParameters(Founding.KeyOf("late key"));
        var add = cast.Input(("memberId", member.Member.ToString()), ("publicKey", Base64Url.EncodeToString(key.GeneratePublicKey().GetEncoded())));
        var added = ApiServer.Done(await api.MutateAsync(member.Key, "addRequestKey", add, "keyId")).GetProperty("keyId").GetString();
        var remove = cast.Input(("keyId", added));
        Assert.False(Replayed(await api.MutateAsync(member.Key, "removeRequestKey", remove)));
        Assert.True(Replayed(await api.MutateAsync(member.Key, "removeRequestKey", remove)));
        var again = await api.MutateAsync(member.Key, "addRequestKey", add, "keyId");
        Assert.True(Replayed(again));
        Assert.Equal(added, again.GetProperty("keyId").GetString());
        ApiServer.Refused(RefusalCode.NotFound, await api.MutateAsync(member.Key, "removeRequestKey", cast.Input(("keyId", added))));
    }

    [Fact]
    public async Task Late_retries_replace_no_app_and_remove_no_new_one()
    {
        var (cast, first) = await MemberAsync("late app");
        var second = await cast.MemberAsync(first, "ADMINISTRATOR");
        var enrol = cast.Input();
        ApiServer.Done(await api.MutateAsync(second.Key, "enrolSecondFactor", enrol, "secret"));
        var again = ApiServer.Refused(RefusalCode.AlreadyExists, await api.MutateAsync(second.Key, "enrolSecondFactor", enrol, "secret"));
        Assert.Equal(JsonValueKind.Null, again.GetProperty("secret").ValueKind);
        var remove = cast.Input(("memberId", second.Member.ToString()));
        Assert.False(Replayed(await api.MutateAsync(first.Key, "removeSecondFactor", remove)));
        ApiServer.Done(await api.MutateAsync(second.Key, "enrolSecondFactor", cast.Input()));
        Assert.True(Replayed(await api.MutateAsync(first.Key, "removeSecondFactor", remove)));
        Assert.NotNull(await api.Files.Side.FindAsync("second-factor", second.Member.ToString(), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Refused_mutation_uses_nothing_up()
    {
        var (cast, member) = await MemberAsync("late refusal");
        var stranger = await cast.OrganisationAsync("NGO", "ADMINISTRATOR");
        var key = Base64Url.EncodeToString(new Ed25519PrivateKeyParameters(Founding.KeyOf("late refusal")).GeneratePublicKey().GetEncoded());
        var added = ApiServer.Done(await api.MutateAsync(
            member.Key, "addRequestKey", cast.Input(("memberId", member.Member.ToString()), ("publicKey", key)), "keyId")).GetProperty("keyId").GetString();
        var add = cast.Input(("memberId", stranger.Member.ToString()), ("publicKey", key));
        ApiServer.Refused(RefusalCode.AlreadyExists, await api.MutateAsync(stranger.Key, "addRequestKey", add));
        ApiServer.Done(await api.MutateAsync(member.Key, "removeRequestKey", cast.Input(("keyId", added))));
        Assert.False(Replayed(await api.MutateAsync(stranger.Key, "addRequestKey", add)));
    }

    private async Task<(Cast Cast, Actor Member)> MemberAsync(string name)
    {
        var cast = new Cast(api, name);
        return (cast, await cast.OrganisationAsync("NGO", "ADMINISTRATOR"));
    }

    private async Task ConflictsAsync(Actor member, string name, Dictionary<string, object?> input, (string Name, object? Value) changed)
    {
        var other = new Dictionary<string, object?>(input) { [changed.Name] = changed.Value };
        ApiServer.Refused(RefusalCode.IdempotencyConflict, await api.MutateAsync(member.Key, name, other));
    }

    private static bool Replayed(JsonElement payload) => ApiServer.Done(payload).GetProperty("replayed").GetBoolean();
}
