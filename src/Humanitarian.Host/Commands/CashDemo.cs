using System.Text.Json;
using Humanitarian.Chain.Crypto;
using Humanitarian.Chain.Verification;
using Humanitarian.Host.Demo;
using Humanitarian.Host.Setup;
using Humanitarian.Host.Verification;
using Humanitarian.Storage;
using Spectre.Console;

namespace Humanitarian.Host.Commands;

/// <summary>What the cash demo did and found, amounts in minor units.</summary>
/// <param name="ProviderPaid">What the provider's own books say it paid out.</param>
/// <param name="Verified">True when the chain verifies, the donation's parts sum to it and the provider's books agree.</param>
internal sealed record CashFigures(
    long Rows, string Currency, long Donated, long Unspent, long Instructed, long Delivered, long ProviderPaid, long Costs, long Fees, long Returned, long FollowedUp,
    ulong Blocks, long Transactions, bool Verified, string Folder);

/// <summary>The demo of cash through a financial service provider.</summary>
internal static class CashDemo
{
    /// <summary>Its name for <c>--program</c>.</summary>
    public const string Program = "cash";

    /// <summary>Households of a made list when nothing else is asked for.</summary>
    public const int Households = 200;

    public static async Task<int> RunAsync(DemoList list, string folder, bool asJson, IAnsiConsole console, CancellationToken cancellationToken)
    {
        var (settings, configuration) = DemoCommand.SettingsFor(folder);
        console.MarkupLineInterpolated($"[bold]Demo of cash[/] with {list.Name}.");
        var (ledger, outcome) = await DemoCommand.ScriptAsync(
            settings, configuration,
            (client, administrator, stopping) => new CashScript(client, administrator, list, console, TimeProvider.System, new SystemRandomSource()).RunAsync(stopping),
            cancellationToken);
        console.WriteLine();
        console.Write(outcome.Trace.ToTree(amount => Currencies.Text(amount, list.Currency, list.Exponent)));
        await using var stores = await LedgerStorage.OpenExistingAsync(settings.Storage, StoreAccess.Read, cancellationToken);
        var verified = await LedgerVerification.OfStoresAsync(
            stores, new VerificationOptions { ClaimKey = ledger.Keys.Claim, GenesisHash = ledger.Genesis }, null, cancellationToken);
        var broken = Broken(outcome).ToArray();
        foreach (var identity in broken)
        {
            await Console.Error.WriteLineAsync($"does not hold: {identity}");
        }

        console.WriteLine();
        console.WriteLine(VerifyCommand.Text(verified));
        console.MarkupLineInterpolated($"The data lies in [bold]{folder}[/], its keys in {settings.Keys.Folder}.");
        var ok = verified.Ok && broken.Length == 0;
        if (asJson)
        {
            var trace = outcome.Trace;
            Console.WriteLine(JsonSerializer.Serialize(
                new CashFigures(
                    outcome.Rows, list.Currency, trace.Donated, trace.Unspent, trace.Instructed, trace.Delivered, outcome.ProviderPaidMinor, trace.Costs, trace.Fees,
                    trace.Returned, outcome.FollowedUp, verified.Report.Height + 1, verified.Report.Transactions, ok, folder),
                JsonSerializerOptions.Web));
        }

        return ok ? ExitCode.Ok : ExitCode.Failed;
    }

    private static IEnumerable<string> Broken(CashOutcome outcome)
    {
        var trace = outcome.Trace;
        if (trace.Donated != trace.Unspent + trace.Disbursed - trace.Expired + trace.Instructed + trace.Delivered + trace.Costs + trace.Fees + trace.Returned)
        {
            yield return "donated = unspent + instructed + delivered + costs + fees + returned";
        }

        if (trace.Delivered != outcome.ProviderPaidMinor)
        {
            yield return "delivered = what the provider paid";
        }

        foreach (var broken in trace.Broken())
        {
            yield return broken;
        }
    }
}
