using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Humanitarian.Api.Beneficiaries;
using Humanitarian.Api.Tests.Redemptions;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Domain;
using Humanitarian.Storage.Side;
using Microsoft.Extensions.DependencyInjection;

namespace Humanitarian.Api.Tests.Beneficiaries;

/// <summary>What strangers who guess at the sign-in of beneficiaries can do and learn.</summary>
public sealed class SignInGuardTests(ApiServer api)
{
    private const string Right = "730164";
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Wrong_pins_from_many_addresses_lock_signing_in_by_pin_and_no_till()
    {
        var counter = await new Counter(api, "strangers").OpenAsync();
        ApiServer.Done(await counter.SetPinAsync(0, Right));
        var (account, code) = (counter.Accounts[0], await new Visitor(api, counter.Accounts[0]).CodeAsync(counter.Cast, counter.Aid.Registrar));
        await using var front = await Front.StartAsync(api, options => options with { TrustedProxies = [Front.Proxy] });
        var limits = new PinLimits();
        for (var guess = 0; guess <= limits.AttemptsOfPerson; guess++)
        {
            Assert.Equal(
                (HttpStatusCode.Unauthorized, ApiCode.Unauthenticated),
                await EnterAsync(front, new { accountId = account, pin = "730165" }, $"192.0.2.{1 + (guess / limits.AttemptsAtTill)}"));
        }

        Assert.Equal((HttpStatusCode.Unauthorized, ApiCode.Unauthenticated), await EnterAsync(front, new { accountId = account, pin = Right }, "192.0.2.200"));
        ApiServer.Done(await counter.RedeemAsync(0, 100, Right));
        Assert.Equal(HttpStatusCode.Unauthorized, (await EnterAsync(front, new { accountId = account, pin = Right }, "192.0.2.201")).Status);
        Assert.Equal(HttpStatusCode.OK, (await EnterAsync(front, new { accountId = account, code }, "192.0.2.202")).Status);
        ApiServer.Done(await counter.SetPinAsync(0, "902817"));
        Assert.Equal(HttpStatusCode.OK, (await EnterAsync(front, new { accountId = account, pin = "902817" }, "192.0.2.203")).Status);
    }

    [Fact]
    public async Task Every_refusal_is_the_same_for_who_has_a_login_and_who_has_none()
    {
        var counter = await new Counter(api, "who has one").OpenAsync();
        ApiServer.Done(await counter.SetPinAsync(0, Right));
        var known = new Visitor(api, counter.Accounts[0]);
        await known.CodeAsync(counter.Cast, counter.Aid.Registrar);
        await using var front = await Front.StartAsync(api, options => options with { TrustedProxies = [Front.Proxy] });
        var signature = "0x" + new string('1', 128) + "1b";
        foreach (var (status, code, proofs) in new (HttpStatusCode, string, Func<string, object>[])[]
        {
            (HttpStatusCode.BadRequest, RefusalCode.InvalidInput,
            [
                id => new { accountId = id }, id => new { accountId = id, pin = "1" }, id => new { accountId = id, code = "one" }, id => new { accountId = id, pin = 730164 },
                id => new { accountId = id, pin = Right, code = Right }, id => new { accountId = id, pin = Right, card = "none" }, id => new { accountId = id, card = new { challenge = id } },
            ]),
            (HttpStatusCode.Unauthorized, ApiCode.Unauthenticated,
            [
                id => new { accountId = id, code = "0123456789" }, id => new { accountId = id, card = new { challenge = id, until = "1", signature } },
                .. Enumerable.Range(0, new PinLimits().AttemptsAtTill + 2).Select<int, Func<string, object>>(_ => id => new { accountId = id, pin = "730165" }),
            ]),
        })
        {
            foreach (var proof in proofs)
            {
                foreach (var account in new[] { known.Account, counter.Accounts[1], Founding("nobody") })
                {
                    Assert.Equal((status, code), await EnterAsync(front, proof(account), "192.0.2.1"));
                }
            }
        }
    }

    [Fact]
    public async Task Who_has_no_login_takes_a_turn_and_waits_for_one_as_who_shows_a_wrong_pin()
    {
        var counter = await new Counter(api, "same way").OpenAsync();
        ApiServer.Done(await counter.SetPinAsync(0, Right));
        var (known, bare) = (new Visitor(api, counter.Accounts[0]), new Visitor(api, counter.Accounts[1]));
        var code = await known.CodeAsync(counter.Cast, counter.Aid.Registrar);
        Assert.Equal(HttpStatusCode.OK, (await known.EnterAsync(new { accountId = known.Account, code })).Status);
        var none = new { accountId = bare.Account, pin = Right };
        await HeldAsync(none);
        await bare.CodeAsync(counter.Cast, counter.Aid.Registrar);
        object[] kinds =
        [
            new { accountId = known.Account, pin = "730165" }, new { accountId = known.Account, code }, none, new { accountId = bare.Account, code = "0123456789" },
            new { accountId = Founding("nobody here"), pin = Right }, new { accountId = Founding("nobody here"), code },
        ];
        foreach (var kind in kinds)
        {
            await HeldAsync(kind, kinds);
        }

        // While one of them has the only turn, which is held, and another waits for it, there is none for the others.
        async Task HeldAsync(object proof, params object[] others)
        {
            var store = PinTurnTests.HeldStore.Of(api.Services.GetRequiredService<ISideStore>());
            await using var front = await Front.StartAsync(
                api, options => options with { TrustedProxies = [Front.Proxy], Pins = new PinLimits { AtOnce = 1, Waiting = 0, AttemptsAtTill = 10 } },
                side: (ISideStore)(object)store);
            store.Hold();
            var first = EnterAsync(front, proof, "192.0.2.77");
            await store.Held.WaitAsync(Bound, TestContext.Current.CancellationToken);
            var (second, third) = (EnterAsync(front, proof, "192.0.2.77"), EnterAsync(front, proof, "192.0.2.77"));
            var busy = await Task.WhenAny(second, third).WaitAsync(Bound, TestContext.Current.CancellationToken);
            Assert.Equal((HttpStatusCode.ServiceUnavailable, RefusalCode.Busy), await busy);
            foreach (var other in others)
            {
                Assert.Equal((HttpStatusCode.ServiceUnavailable, RefusalCode.Busy), await EnterAsync(front, other, "192.0.2.78"));
            }

            store.Release();
            foreach (var one in new[] { first, second == busy ? third : second })
            {
                Assert.Equal((HttpStatusCode.Unauthorized, ApiCode.Unauthenticated), await one);
            }
        }
    }

    [Fact]
    public async Task Every_refusal_is_counted_for_its_address()
    {
        var time = new ManualTime();
        await using var front = await Front.StartAsync(
            api, options => options with { Limits = new ApiLimits { FailedLogins = 3, FailedLoginsPerSecond = 1 }, TrustedProxies = [Front.Proxy] }, time);
        var (malformed, unknown) = (new { accountId = "" }, new { accountId = Founding("nobody"), pin = Right });
        Assert.Equal(HttpStatusCode.BadRequest, (await EnterAsync(front, malformed, "192.0.2.1")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await EnterAsync(front, unknown, "192.0.2.1")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await EnterAsync(front, malformed, "192.0.2.1")).Status);
        Assert.Equal((HttpStatusCode.TooManyRequests, ApiCode.RateLimited), await EnterAsync(front, malformed, "192.0.2.1"));
        Assert.Equal((HttpStatusCode.TooManyRequests, ApiCode.RateLimited), await EnterAsync(front, unknown, "192.0.2.1"));
        Assert.Equal(HttpStatusCode.BadRequest, (await EnterAsync(front, malformed, "192.0.2.2")).Status);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.BadRequest, (await EnterAsync(front, malformed, "192.0.2.1")).Status);
    }

    private static string Founding(string name) => Grains.Tests.Support.Founding.IdOf(name).ToString();

    private static async Task<(HttpStatusCode Status, string? Code)> EnterAsync(Front front, object proof, string from)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/person/token") { Content = JsonContent.Create(proof) };
        request.Headers.Add("X-Forwarded-For", from);
        using var response = await front.Http.SendAsync(request);
        return (response.StatusCode, Front.Code(await response.Content.ReadFromJsonAsync<JsonElement>()));
    }
}
