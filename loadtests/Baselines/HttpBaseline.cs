using System.Net;
using Humanitarian.LoadTests.Engine;
using Humanitarian.LoadTests.Ledgers;
using Humanitarian.LoadTests.Scenarios;

namespace Humanitarian.LoadTests.Baselines;

/// <summary>The web server and the client alone: a body of a redemption's size is read and a few bytes are answered.</summary>
internal static class HttpBaseline
{
    public static Scenario Scenario { get; } = new(
        "baseline-http", "A trivial endpoint on the ledger's own web server, under the same load by the same client.", "What Kestrel and the generator's own client allow.",
        (settings, tell, cancellationToken) => VoucherRun.PrepareAsync(settings with { Store = "sqlite" }, tell, run =>
        {
            var body = new { query = GraphQlClient.Mutation("redeemVoucher", "RedeemVoucherInput"), variables = new { input = new string('x', 400) } };
            return Task.FromResult(new Prepared
            {
                Request = async _ =>
                {
                    using var content = GraphQlClient.Body(body);
                    var (status, answer) = await run.Office.PostAsync(WebLedger.Trivial, content);
                    answer.Dispose();
                    return status == HttpStatusCode.OK ? Response.Ok : Response.Failed("STATUS");
                },
                CleanAsync = run.CleanAsync,
            });
        }, cancellationToken)) { Always = [("store", "sqlite"), ("target", "http")] };
}
