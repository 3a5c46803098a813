using System.Reflection;
using Humanitarian.Api.Beneficiaries;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Chain.Crypto;
using Humanitarian.Domain;
using Humanitarian.Grains.Tests.Support;
using Humanitarian.Storage.Side;
using Microsoft.Extensions.DependencyInjection;

namespace Humanitarian.Api.Tests.Redemptions;

/// <summary>Who waits for a turn to have a PIN compared, and who does not.</summary>
public sealed class PinTurnTests(ApiServer api)
{
    private const string Right = "730164";
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);
    private static readonly Id Owner = Founding.IdOf("turns owner");
    private static readonly Id Till = Founding.IdOf("turns till");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Guess_that_may_not_be_made_takes_no_turn_and_one_that_finds_no_turn_is_not_counted()
    {
        var store = HeldStore.Of(api.Services.GetRequiredService<ISideStore>(), IdOf("slow").ToString());
        using var pins = await PinsAsync(store, "slow", "locked", "one", "other");
        async Task<string?> TryAsync(string name, string digits = Right) => (await pins.RefuseAsync(Founding.IdOf(name), IdOf(name), Till, Owner, new Pin(digits), Cancel))?.Code;
        Assert.Equal(RefusalCode.PinWrong, await TryAsync("locked", "730165"));
        store.Hold();
        var slow = TryAsync("slow");
        await store.Held.WaitAsync(Bound, Cancel);
        Assert.Equal(RefusalCode.TillLocked, await TryAsync("locked").WaitAsync(Bound, Cancel));
        var (one, other) = (TryAsync("one"), TryAsync("other"));
        var refused = await Task.WhenAny(one, other).WaitAsync(Bound, Cancel);
        Assert.Equal(RefusalCode.Busy, await refused);
        store.Release();
        Assert.Equal([null, null], await Task.WhenAll(slow, refused == one ? other : one).WaitAsync(Bound, Cancel));
        Assert.Null(await TryAsync(refused == one ? "one" : "other"));
    }

    [Fact]
    public async Task Till_finds_its_turn_while_strangers_who_sign_in_have_taken_all_of_theirs()
    {
        var store = HeldStore.Of(api.Services.GetRequiredService<ISideStore>(), IdOf("guessed").ToString());
        using var pins = await PinsAsync(store, "guessed", "one guess", "other guess", "bought");
        async Task<string?> SignInAsync(string name) =>
            (await pins.RefuseAtSignInAsync(Founding.IdOf(name), IdOf(name), Founding.IdOf($"place of {name}"), Owner, new Pin(Right), Cancel))?.Code;
        store.Hold();
        var held = SignInAsync("guessed");
        await store.Held.WaitAsync(Bound, Cancel);
        var (one, other) = (SignInAsync("one guess"), SignInAsync("other guess"));
        Assert.Equal(RefusalCode.Busy, await await Task.WhenAny(one, other).WaitAsync(Bound, Cancel));
        Assert.Null(await pins.RefuseAsync(Founding.IdOf("bought"), IdOf("bought"), Till, Owner, new Pin(Right), Cancel).WaitAsync(Bound, Cancel));
        store.Release();
        Assert.Null(await held.WaitAsync(Bound, Cancel));
        await Task.WhenAll(one, other).WaitAsync(Bound, Cancel);
    }

    /// <summary>One comparison at a time, and one that waits.</summary>
    private static async Task<Pins> PinsAsync(HeldStore store, params string[] names)
    {
        var (random, options) = (new SystemRandomSource(), new HumanitarianApiOptions
        {
            Pepper = Founding.KeyOf("pepper"), MatchingKey = Founding.KeyOf("matching"), DataFolder = ".",
            Pins = new PinLimits { AttemptsOfPerson = 1, AttemptsAtTill = 1, AttemptsOfTill = 100, MemoryKiB = 64, Passes = 1, AtOnce = 1, Waiting = 0 },
        });
        var side = (ISideStore)(object)store;
        var pins = new Pins(side, new PersonalVault(side, random, options), random, TimeProvider.System, options);
        foreach (var name in names)
        {
            Assert.Null(await pins.KeepAsync(Founding.IdOf(name), Owner, IdOf(name), new Pin(Right), Cancel));
        }

        return pins;
    }

    private static Id IdOf(string name) => Founding.IdOf($"turns pin {name}");

    /// <summary>A store that, once told to, lets nobody read one PIN, or any, until it is released.</summary>
    public class HeldStore : DispatchProxy
    {
        private readonly TaskCompletionSource held = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource released = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private ISideStore? inner;
        private string? key;
        private volatile bool holds;

        public Task Held => held.Task;

        public static HeldStore Of(ISideStore inner, string? key = null)
        {
            var store = (HeldStore)(object)Create<ISideStore, HeldStore>();
            (store.inner, store.key) = (inner, key);
            return store;
        }

        public void Hold() => holds = true;

        public void Release() => released.SetResult();

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
            holds && targetMethod!.Name == nameof(ISideStore.FindAsync) && args is ["pin", string name, ..] && name == (key ?? name) ? FindAsync(args) : targetMethod!.Invoke(inner, args);

        private async Task<SideDocument?> FindAsync(object?[] args)
        {
            held.TrySetResult();
            await released.Task;
            return await inner!.FindAsync((string)args[0]!, (string)args[1]!);
        }
    }
}
