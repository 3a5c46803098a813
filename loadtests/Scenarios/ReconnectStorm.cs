using Humanitarian.Chain.Authority;
using Humanitarian.Domain;
using Humanitarian.Domain.Deliveries;
using Humanitarian.LoadTests.Engine;
using Humanitarian.LoadTests.Ledgers;

namespace Humanitarian.LoadTests.Scenarios;

/// <summary>
/// The network is back: field agents' devices send what they delivered meanwhile, each queue in order, every credit signed by the
/// device beforehand.
/// </summary>
internal static class ReconnectStorm
{
    private const int Devices = 500;
    private const int Queued = 200;

    // All of it within ten minutes; a short queue is sent before the system is warm.
    private const int LongQueue = 10_000;
    private const long ValidMilliseconds = 3L * 24 * 3_600 * 1_000;
    private static readonly string Credit = GraphQlClient.Mutation("creditBeneficiary", "CreditBeneficiaryInput");

    public static Scenario Scenario { get; } = new(
        "reconnect-storm",
        "500 devices send 200 queued signed creditBeneficiary each over HTTP, each when its last is answered, for which its next one waits (--lines for another total; ends when all are sent).",
        "A camp whose network was away: 100,000 deliveries, to be taken in within ten minutes (167/s).",
        InitAsync) { Always = [("target", "http")] };

    private static Task<Prepared> InitAsync(RunSettings settings, Action<string> status, CancellationToken cancellationToken)
    {
        var lines = settings.Lines ?? Devices * Queued;
        return VoucherRun.PrepareAsync(settings with { Accounts = lines }, status, run => PrepareAsync(run, lines, status, cancellationToken), cancellationToken);
    }

    private static async Task<Prepared> PrepareAsync(VoucherRun run, int lines, Action<string> status, CancellationToken cancellationToken)
    {
        var devices = Math.Min(Devices, lines);
        status($"enrolling {lines:N0} beneficiaries");
        var list = await run.Program.EnrolAsync("beneficiaries", 0, lines);
        await run.Program.RegisterDevicesAsync(devices);
        var disbursement = await run.Program.ReleaseAsync(list, lines, lines * VoucherProgram.LineMinor, inPerson: true);
        status("signing on the devices");
        var signed = Sign(run, disbursement, lines, devices);
        var agent = await run.ClientOfAsync(VoucherProgram.Agent);
        var answered = Enumerable.Range(0, lines).Select(_ => new TaskCompletionSource()).ToArray();
        long delivered = 0;
        return new Prepared
        {
            Request = async number =>
            {
                // A device sends its next one when its last is answered.
                await (number < devices ? Task.CompletedTask : answered[number - devices].Task);
                try
                {
                    var response = await agent.MutateAsync(Credit, "creditBeneficiary", signed[number]);
                    Interlocked.Add(ref delivered, response.Outcome == Outcome.Ok ? 1 : 0);
                    return response;
                }
                finally
                {
                    answered[number].TrySetResult();
                }
            },
            Requests = lines,
            Simulations = [LoadSimulation.KeepConstant(devices, TimeSpan.FromHours(1))],
            Probe = run.Ledger.Levels.Read,
            MeasuringAsync = run.Ledger.CatchUpAsync,
            VerifyAsync = async meter =>
            {
                var aftermath = await run.VerifyAsync(meter);
                var paid = (await run.Ledger.Commands.DisbursementAsync(disbursement))!.PaidLines;
                return aftermath with
                {
                    Checks = [.. aftermath.Checks, new Check("what was acknowledged was delivered once", paid >= delivered && paid <= delivered + meter.Failed, $"{paid:N0} of {delivered:N0}")],
                };
            },
            CleanAsync = run.CleanAsync,
            Thresholds = lines >= LongQueue ? ["failed <= 0", "refused <= 0", "per_second >= 167"] : ["failed <= 0", "refused <= 0"],
        };
    }

    /// <summary>Request n is by device n mod devices, so that each device's counters rise in the order of sending.</summary>
    private static object[] Sign(VoucherRun run, Id disbursement, int lines, int devices)
    {
        var occurred = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        var signed = new object[lines];
        Parallel.For(0, lines, number =>
        {
            var (device, account, counter) = (VoucherProgram.Device(number % devices), Names.Account(number), (ulong)(number / devices) + 1);
            var words = new DeliveryToSign(
                device, disbursement, account, Names.Unit, VoucherProgram.LineMinor, FieldDeliveries.Purpose, occurred, occurred + ValidMilliseconds, counter);
            signed[number] = new
            {
                idempotencyKey = "credit " + Names.Text(number), signature = LedgerKeys.Sign(device, SignedObjects.Digest(run.Ledger.Keys.Identity.Domain, words)).ToString(),
                deviceId = device.ToString(), disbursementId = disbursement.ToString(), accountId = account.ToString(),
                amount = new { amountMinor = Names.Text(VoucherProgram.LineMinor), currency = Names.Unit }, occurredAt = Names.Text(occurred), deadline = Names.Text(occurred + ValidMilliseconds),
                counter = Names.Text((long)counter),
            };
        });
        return signed;
    }
}
