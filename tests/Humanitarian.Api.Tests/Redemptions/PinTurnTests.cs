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
        var (random, options) = (new SystemRandomSource(), new HumanitarianApiOptions
        {
            Pepper = Founding.KeyOf("pepper"), MatchingKey = Founding.KeyOf("matching"), DataFolder = ".",
            Pins = new PinLimits { AttemptsOfPerson = 1, AttemptsAtTill = 1, AttemptsOfTill = 100, MemoryKiB = 64, Passes = 1, AtOnce = 1, Waiting = 0 },
        });
        var side = (ISideStore)(object)store;
        using var pins = new Pins(side, new PersonalVault(side, random, options), random, TimeProvider.System, options);
        foreach (var name in new[] { "slow", "locked", "one", "other" })
        {
            Assert.Null(await pins.KeepAsync(Founding.IdOf(name), Owner, IdOf(name), new Pin(Right), Cancel));
        }

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
