using System.Text;
using Humanitarian.Api.Beneficiaries;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Chain.Crypto;
using Humanitarian.Domain;
using Humanitarian.Grains.Tests.Support;
using Humanitarian.Storage.Side;
using Microsoft.Extensions.DependencyInjection;

namespace Humanitarian.Api.Tests.Redemptions;

/// <summary>A beneficiary confirms at the till by PIN.</summary>
public sealed class PinTests(ApiServer api)
{
    private const string Right = "730164";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Redemption_is_confirmed_by_pin_and_bounded_for_a_day()
    {
        var counter = await new Counter(api, "pin").OpenAsync();
        ApiServer.Refused(RefusalCode.ConfirmationRequired, await counter.RedeemAsync(0, 100));
        ApiServer.Refused(RefusalCode.PinNotSet, await counter.RedeemAsync(0, 100, Right));
        var set = ApiServer.Done(await counter.SetPinAsync(0, Right));
        Assert.Equal(Aid.Text(counter.Aid.Registrar.Member), set.GetProperty("credential").GetProperty("pinSetBy").GetString());

        ApiServer.Refused(RefusalCode.PinWrong, await counter.RedeemAsync(0, 100, "730165"));
        ApiServer.Done(await counter.RedeemAsync(0, 1_900, Right));
        ApiServer.Refused(RefusalCode.PinLimitExceeded, await counter.RedeemAsync(0, 101, Right));
        ApiServer.Done(await counter.RedeemAsync(0, 100, Right));
        ApiServer.Refused(RefusalCode.PinNotSet, await counter.RedeemAsync(1, 100, Right));
    }

    [Fact]
    public async Task Repeated_call_with_the_same_key_answers_the_first_outcome_whatever_the_pin_is_bound_to()
    {
        var counter = await new Counter(api, "pin again").OpenAsync();
        ApiServer.Done(await counter.SetPinAsync(0, Right));
        var input = counter.Input(0, 300, Right);
        var first = ApiServer.Done(await api.MutateAsync(counter.Aid.Till.Key, "redeemVoucher", input));
        var second = ApiServer.Done(await api.MutateAsync(counter.Aid.Till.Key, "redeemVoucher", input));
        Assert.True(second.GetProperty("replayed").GetBoolean());
        Assert.Equal(first.GetProperty("transaction").ToString(), second.GetProperty("transaction").ToString());
        input["pin"] = "111222";
        ApiServer.Refused(RefusalCode.PinWrong, await api.MutateAsync(counter.Aid.Till.Key, "redeemVoucher", input));
    }

    [Fact]
    public async Task Wrong_pins_at_one_till_close_it_for_the_person_and_leave_another_open()
    {
        var counter = await new Counter(api, "pin locked").OpenAsync();
        var second = await counter.SecondTillAsync();
        ApiServer.Done(await counter.SetPinAsync(0, Right));
        for (var attempt = 0; attempt < new PinLimits().AttemptsAtTill; attempt++)
        {
            ApiServer.Refused(RefusalCode.PinWrong, await counter.RedeemAsync(0, 100, "730165"));
        }

        ApiServer.Refused(RefusalCode.TillLocked, await counter.RedeemAsync(0, 100, Right));
        ApiServer.Done(await counter.RedeemAsync(0, 100, Right, vendor: second));
        ApiServer.Done(await counter.SetPinAsync(0, "902817"));
        ApiServer.Refused(RefusalCode.PinWrong, await counter.RedeemAsync(0, 100, Right));
        ApiServer.Done(await counter.RedeemAsync(0, 100, "902817"));
    }

    [Fact]
    public async Task Wrong_pins_of_one_vendor_lock_the_person_there_and_leave_them_able_to_pay_elsewhere()
    {
        var counter = await new Counter(api, "pin vendor").OpenAsync();
        var other = await counter.OtherShopAsync();
        ApiServer.Done(await counter.SetPinAsync(0, Right));
        var limits = new PinLimits();
        for (var (guesses, till) = (0, Id.None); guesses < limits.AttemptsOfPerson; guesses++)
        {
            till = guesses % limits.AttemptsAtTill == 0 ? await counter.SecondTillAsync() : till;
            var code = (await counter.RedeemAsync(0, 100, "730165", vendor: till)).GetProperty("userErrors")[0].GetProperty("code").GetString();
            Assert.Equal(guesses < limits.AttemptsOfPerson / 2 ? RefusalCode.PinWrong : RefusalCode.PinLocked, code);
        }

        ApiServer.Refused(RefusalCode.PinLocked, await counter.RedeemAsync(0, 100, Right));
        ApiServer.Done(await counter.RedeemAsync(0, 100, Right, vendor: other.Account, till: other.Till));
        ApiServer.Refused(RefusalCode.PinLocked, await counter.RedeemAsync(0, 100, Right));
        ApiServer.Done(await counter.SetPinAsync(0, "902817"));
        ApiServer.Done(await counter.RedeemAsync(0, 100, "902817"));
    }

    [Fact]
    public async Task Wrong_pin_where_nothing_could_be_paid_is_neither_compared_nor_counted()
    {
        var counter = await new Counter(api, "pin unaccredited").OpenAsync();
        var (cast, aid) = (counter.Cast, counter.Aid);
        ApiServer.Done(await counter.SetPinAsync(0, Right));
        async Task<Id> OpenAsync(string kind) => Cast.Id(await cast.DoneAsync(aid.Till, "openAccount", cast.Input(("kind", kind), ("tags", Array.Empty<string>())), "account { id }"), "account");
        var (unaccredited, office) = (await OpenAsync("VENDOR"), await OpenAsync("ORGANISATION"));

        // A program of the guessing organisation's own, in which it accredits itself.
        var own = await new Counter(api, "pin guesser").OpenAsync();
        var foreign = own.Input(0, 100, "730165");
        foreign["beneficiaryAccountId"] = counter.Accounts[0];
        for (var attempt = 0; attempt < new PinLimits().AttemptsAtTill + 1; attempt++)
        {
            ApiServer.Refused(RefusalCode.VendorNotAccredited, await counter.RedeemAsync(0, 100, "730165", vendor: unaccredited));
            ApiServer.Refused(RefusalCode.VendorNotAccredited, await counter.RedeemAsync(0, 100, "730165", vendor: office));
            foreign["idempotencyKey"] = cast.Key();
            ApiServer.Refused(RefusalCode.InsufficientFunds, await api.MutateAsync(own.Aid.Till.Key, "redeemVoucher", foreign));
        }

        await cast.SignedAsync(aid.Administrator, "stopProgram", cast.Input(("programId", Aid.Text(aid.Program)), ("reason", "OTHER")));
        for (var attempt = 0; attempt < new PinLimits().AttemptsAtTill + 1; attempt++)
        {
            ApiServer.Refused(RefusalCode.ProgramStopped, await counter.RedeemAsync(0, 100, "730165"));
        }

        var resume = cast.Input(("programId", Aid.Text(aid.Program)));
        await cast.SignedAsync(aid.Administrator, "resumeProgram", resume);
        await cast.SignedAsync(await cast.MemberAsync(aid.Administrator, "PROGRAM_MANAGER"), "resumeProgram", cast.Input(("programId", Aid.Text(aid.Program))));
        ApiServer.Done(await counter.RedeemAsync(0, 100, Right));
    }

    [Fact]
    public async Task Parallel_guesses_are_counted_one_by_one()
    {
        var limits = new PinLimits { AttemptsOfPerson = 5, AttemptsAtTill = 100, AttemptsOfTill = 100, MemoryKiB = 64, Passes = 1, AtOnce = 4, Waiting = 100 };
        using var pins = Of(limits, TimeProvider.System);
        var (account, pin, owner) = (Founding.IdOf("guessed"), Founding.IdOf("guessed pin"), Founding.IdOf("guessing"));

        // One organisation makes up half of them, so the person is locked by two.
        Assert.Null(await pins.KeepAsync(account, owner, pin, new Pin(Right), Cancel));
        var guesses = await Task.WhenAll(Enumerable.Range(0, 40).Select(guess =>
            pins.RefuseAsync(account, pin, Founding.IdOf($"till {guess % 7}"), Founding.IdOf($"guessing {guess % 2}"), new Pin($"4000{guess:D2}"), Cancel)));
        Assert.Equal(5, guesses.Count(refusal => refusal!.Code == RefusalCode.PinWrong));
        Assert.Equal(35, guesses.Count(refusal => refusal!.Code == RefusalCode.PinLocked));

        // What another process counted, a new one knows.
        using var restarted = Of(limits, TimeProvider.System);
        Assert.Equal(RefusalCode.PinLocked, (await restarted.RefuseAsync(account, pin, Founding.IdOf("till 9"), owner, new Pin(Right), Cancel))?.Code);
    }

    [Fact]
    public async Task Attempt_that_crashes_is_counted()
    {
        var limits = new PinLimits { AttemptsOfPerson = 1, AttemptsAtTill = 100, AttemptsOfTill = 100, MemoryKiB = 64, Passes = 1 };
        using var pins = Of(limits, TimeProvider.System);
        var (account, pin, owner) = (Founding.IdOf("crashed"), Founding.IdOf("crashed pin"), Founding.IdOf("crashing"));
        Assert.Null(await pins.KeepAsync(account, owner, pin, new Pin(Right), Cancel));
        var store = api.Services.GetRequiredService<ISideStore>();
        var kept = (await store.FindAsync("pin", pin.ToString(), Cancel))!;
        Assert.True(await store.PutAsync(kept with { Json = "damaged" }, Cancel));
        await Assert.ThrowsAnyAsync<Exception>(() => pins.RefuseAsync(account, pin, Founding.IdOf("till"), owner, new Pin(Right), Cancel));
        Assert.Equal(RefusalCode.PinLocked, (await pins.RefuseAsync(account, pin, Founding.IdOf("till"), owner, new Pin(Right), Cancel))?.Code);
    }

    [Fact]
    public async Task Till_waits_and_is_open_again_later()
    {
        var time = new ShiftedTime();
        var limits = new PinLimits { AttemptsOfPerson = 100, AttemptsAtTill = 2, AttemptsOfTill = 3, MemoryKiB = 64, Passes = 1 };
        using var pins = Of(limits, time);
        var (till, owner) = (Founding.IdOf("waiting till"), Founding.IdOf("waiting"));
        async Task<string?> GuessAsync(int person, string digits)
        {
            var pin = Founding.IdOf($"waiting pin {person}");
            return (await pins.RefuseAsync(Founding.IdOf($"waiting {person}"), pin, till, owner, new Pin(digits), Cancel))?.Code;
        }

        for (var person = 0; person < 2; person++)
        {
            Assert.Null(await pins.KeepAsync(Founding.IdOf($"waiting {person}"), owner, Founding.IdOf($"waiting pin {person}"), new Pin(Right), Cancel));
        }

        Assert.Equal([RefusalCode.PinWrong, RefusalCode.PinWrong, RefusalCode.TillLocked], [await GuessAsync(0, "400000"), await GuessAsync(0, "400001"), await GuessAsync(0, Right)]);
        Assert.Null(await GuessAsync(1, Right));
        Assert.Equal([RefusalCode.PinWrong, RefusalCode.TillLocked], [await GuessAsync(1, "400000"), await GuessAsync(1, Right)]);
        time.Shift = limits.Wait;
        Assert.Null(await GuessAsync(0, Right));
    }

    [Fact]
    public async Task Sign_in_of_who_has_no_pin_is_counted_as_a_wrong_one_and_costs_a_hash_of_a_new_one()
    {
        var time = new ShiftedTime();
        var (limits, place, owner) = (
            new PinLimits { AttemptsOfPerson = 3, AttemptsAtTill = 2, AttemptsOfTill = 100, MemoryKiB = 64, Passes = 1 }, Founding.IdOf("no pin place"), Founding.IdOf("no pin owner"));
        using var pins = Of(limits, time);
        var (account, pin) = (Founding.IdOf("has a pin"), Founding.IdOf("the pin"));
        Assert.Null(await pins.KeepAsync(account, owner, pin, new Pin(Right), Cancel));
        foreach (var (who, id, wrong) in new[] { (account, pin, RefusalCode.PinWrong), (Founding.IdOf("has no pin"), Id.None, RefusalCode.PinNotSet) })
        {
            async Task<string?> GuessAsync(string from) => (await pins.RefuseAtSignInAsync(who, id, Founding.IdOf(from), owner, new Pin("400000"), Cancel))?.Code;
            Assert.Equal([wrong, wrong, RefusalCode.TillLocked], [await GuessAsync($"no pin one {wrong}"), await GuessAsync($"no pin one {wrong}"), await GuessAsync($"no pin one {wrong}")]);
            Assert.Equal([wrong, RefusalCode.PinLocked], [await GuessAsync($"no pin two {wrong}"), await GuessAsync($"no pin two {wrong}")]);
        }

        time.Shift = limits.Wait;
        Assert.Equal(RefusalCode.PinLocked, (await pins.RefuseAtSignInAsync(account, pin, place, owner, new Pin("400000"), Cancel))?.Code);
        Assert.Equal(RefusalCode.PinNotSet, (await pins.RefuseAtSignInAsync(Founding.IdOf("has no pin"), Id.None, place, owner, new Pin("400000"), Cancel))?.Code);

        // No hash has no passes: one that is made with this limit fails.
        using var impossible = Of(limits with { Passes = 0 }, time);
        await Assert.ThrowsAnyAsync<InvalidOperationException>(() => impossible.RefuseAtSignInAsync(Founding.IdOf("has no pin either"), Id.None, place, owner, new Pin("400000"), Cancel));
    }

    [Fact]
    public async Task Pin_is_nowhere_in_the_store_and_goes_in_a_variable_only()
    {
        var counter = await new Counter(api, "pin hidden").OpenAsync();
        const string Pin = "58204193";
        ApiServer.Done(await counter.SetPinAsync(0, Pin));
        ApiServer.Done(await counter.RedeemAsync(0, 100, Pin));
        await foreach (var entry in api.Services.GetRequiredService<ISideStore>().AllAsync(Cancel))
        {
            Assert.DoesNotContain(Pin, entry.Document?.Json ?? "", StringComparison.Ordinal);
        }

        var written = await api.ExecuteAsync(
            counter.Aid.Registrar.Key, $"mutation {{ setPin(input: {{idempotencyKey: \"x\", accountId: \"{counter.Accounts[0]}\", pin: \"{Pin}\"}}) {{ replayed }} }}");
        Assert.True(written.TryGetProperty("errors", out _), written.ToString());
        Assert.DoesNotContain(Pin, new SetPinInput("key", Id.None, new Pin(Pin)).ToString(), StringComparison.Ordinal);
        foreach (var refused in new[] { "1234", "4321", "7777777", "12a4", "12", "1234567890123" })
        {
            ApiServer.Refused(RefusalCode.InvalidInput, await counter.SetPinAsync(0, refused));
        }

        ApiServer.Refused(RefusalCode.Forbidden, await counter.SetPinAsync(0, Pin, counter.Aid.Finance));
    }

    [Fact]
    public async Task Who_forgets_a_person_forgets_their_documents()
    {
        var vault = new PersonalVault(api.Services.GetRequiredService<ISideStore>(), new SystemRandomSource(), Options);
        var (person, other) = (Founding.IdOf("forgotten"), Founding.IdOf("remembered"));
        var sealedDocument = await vault.SealAsync(person, "note", "a", Id.None, 0, Encoding.UTF8.GetBytes("secret"), Cancel);
        Assert.Equal("secret", Encoding.UTF8.GetString((await vault.OpenAsync(person, sealedDocument, Cancel))!));
        await vault.SealAsync(other, "note", "b", Id.None, 0, Encoding.UTF8.GetBytes("secret"), Cancel);
        await Assert.ThrowsAnyAsync<System.Security.Cryptography.CryptographicException>(() => vault.OpenAsync(other, sealedDocument, Cancel));
        await Assert.ThrowsAnyAsync<System.Security.Cryptography.CryptographicException>(() => vault.OpenAsync(person, sealedDocument with { Key = "b" }, Cancel));
        Assert.True(await vault.ForgetAsync(person, Cancel));
        Assert.Null(await vault.OpenAsync(person, sealedDocument, Cancel));
    }

    private static HumanitarianApiOptions Options { get; } = new() { Pepper = Founding.KeyOf("pepper"), MatchingKey = Founding.KeyOf("matching"), DataFolder = "." };

    [Fact]
    public async Task Pin_that_was_set_at_one_cost_is_right_at_another()
    {
        var (account, owner, pin) = (Founding.IdOf("another cost"), Founding.IdOf("another cost owner"), Founding.IdOf("another cost pin"));
        using var before = Of(new PinLimits { MemoryKiB = 64, Passes = 1 }, TimeProvider.System);
        using var after = Of(new PinLimits { MemoryKiB = 128, Passes = 2 }, TimeProvider.System);
        Assert.Null(await before.KeepAsync(account, owner, pin, new Pin(Right), Cancel));
        Assert.Equal(RefusalCode.PinWrong, (await after.RefuseAsync(account, pin, Founding.IdOf("till"), owner, new Pin("400000"), Cancel))?.Code);
        Assert.Null(await after.RefuseAsync(account, pin, Founding.IdOf("till"), owner, new Pin(Right), Cancel));
    }

    private Pins Of(PinLimits limits, TimeProvider time)
    {
        var (store, random) = (api.Services.GetRequiredService<ISideStore>(), new SystemRandomSource());
        return new Pins(store, new PersonalVault(store, random, Options), random, time, Options with { Pins = limits });
    }
}
