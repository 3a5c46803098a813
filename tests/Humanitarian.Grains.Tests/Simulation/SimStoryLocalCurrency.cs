using System.Globalization;
using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Units;
using Humanitarian.Grains.Tests.Support;

namespace Humanitarian.Grains.Tests.Simulation;

/// <summary>What happens around a local currency that melts, before and after a midnight: deposits, payments, conversions, a new rate.</summary>
internal sealed partial class SimStory
{
    public const string Chirps = "CHIRP";
    public const string Euros = "EUR";
    public const long HoldingMinor = 30_000;
    public const int Locals = 5;

    public static Id Community { get; } = Founding.IdOf("local currency");

    public static Id Local(int number) => Founding.IdOf($"local {number}");

    private async Task SetUpLocalCurrencyAsync()
    {
        await RegisterAsync(cluster.Founding.Administrator, new UnitRecord(Chirps, 2, null), new UnitRecord(Euros, 2, null));
        await OpenProgramAsync(Community, Chirps, LocalTerms(""));
        await RegisterAsync(Admin, AccountRecord.Open(CommonsFund.IdOf(Community), Ngo, AccountKind.CommonsFund, Community));
        await RegisterAsync(Registrar, [.. Enumerable.Range(0, Locals).Select(n => AccountRecord.Open(Local(n), Ngo, AccountKind.Member, Community) with
        {
            CeilingMinor = HoldingMinor, Tags = n >= 3 ? ["professional"] : [],
        })]);
        for (var number = 0; number < Locals; number++)
        {
            await DepositAsync(number, 15_000);
        }
    }

    private Task LiveInLocalCurrencyAsync() => Task.WhenAll([ChangeRateAsync(), .. Enumerable.Range(0, Locals).Select(SpendAsync)]);

    private async Task SpendAsync(int number)
    {
        // Long enough that every history passes the midnight that it begins before.
        for (var turn = 0; turn < 5; turn++)
        {
            await cluster.Clients.Delay(world.Random.Next(0, 25_000));
            var (amount, account) = (world.Random.Next(1, 12_000), Local(number));
            switch (world.Random.Next(4))
            {
                case 0:
                    await DepositAsync(number, amount);
                    break;
                case 1:
                    await CommandAsync("convert out", Finance, context => cluster.OnAccountAsync(account, decisions => decisions.ConvertOutAsync(context, amount, default)), account);
                    break;
                default:
                    var payee = Local(world.Random.Next(Locals));
                    await CommandAsync("spend", Registrar, context => cluster.OnAccountAsync(account, decisions => decisions.TransferAsync(context, Community, payee, amount)), account);
                    break;
            }
        }
    }

    /// <summary>A rate from today on is refused, one from tomorrow on is not, unless a midnight came between.</summary>
    private async Task ChangeRateAsync()
    {
        foreach (var later in (int[])[0, 1])
        {
            await cluster.Clients.Delay(world.Random.Next(0, 20_000));
            var day = DateTimeOffset.FromUnixTimeMilliseconds(world.Now).AddDays(later).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
            var terms = TermsJson.Write(TermsJson.Read(LocalTerms($$""",{"from":"{{day}}","dailyFactor":"0.9"}""")).Value!);
            var changed = new ProgramRecord(Community, Ngo, Chirps, Chirps, terms, 2, PoolOf(Community), Founding.IdOf($"queue of {Chirps}"), true);
            await RegisterAsync(Admin, changed);
        }
    }

    private Task<Commands.CommandResult> DepositAsync(int number, long amountMinor) => CommandAsync(
        "deposit", Finance, context => cluster.OnAccountAsync(Local(number), decisions => decisions.DepositAsync(context, amountMinor, default)), Local(number));

    private static string LocalTerms(string epoch) => $$"""{"preset":"local-currency","rules":[{"rule":"backedByDeposits","money":"EUR","convertibleTag":"professional","donationPerMillion":30000,"runningPerMillion":20000},{"rule":"demurrage","epochs":[{"from":"2020-01-01","dailyFactor":"0.99"}{{epoch}}]},{"rule":"holdingLimit","maximumMinor":30000},{"rule":"remainderToFund","debtMinor":0}]}""";
}
