using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Humanitarian.Domain;

namespace Humanitarian.Host.Demo;

/// <summary>What became of a provider's report.</summary>
/// <param name="DeliveredMinor">What the file says was delivered, in minor units.</param>
/// <param name="RecordedLines">Lines that were new.</param>
/// <param name="Contradicts">True when it says otherwise than an earlier one.</param>
/// <param name="IsKnown">True when the ledger knew all of it.</param>
internal sealed record Reported(long DeliveredMinor, string RecordedLines, bool Contradicts, bool IsKnown);

/// <summary>How an NGO deals with its financial service provider: files leave, reports come back.</summary>
internal sealed class CashDesk(GraphQlClient client, Cast cast, MockProvider provider, int exponent)
{
    /// <summary>Fetches an instruction file, whose hash is on the ledger before it leaves, and hands it to the provider.</summary>
    public async Task<(string Lines, string Hash)> PayAsync(string disbursement, bool paysAll, CancellationToken cancellationToken)
    {
        var exported = (await client.MutateAsync(
            cast.Releaser, "exportInstructions", new JsonObject { ["disbursementId"] = disbursement, ["format"] = "SDP" }, "file { path sha256 lines }", cancellationToken))["file"]!;
        var file = await client.DownloadAsync(cast.Releaser, (string)exported["path"]!, cancellationToken);
        var hash = Hash32.FromSpan(SHA256.HashData(file)).ToString();
        if (hash != (string)exported["sha256"]!)
        {
            throw new RefusedException("instructions", RefusalCode.Tampered, "The file is not the one that the ledger recorded.");
        }

        provider.Take(file, exponent, paysAll);
        return ((string)exported["lines"]!, hash);
    }

    /// <summary>Sends a report and signs what it says.</summary>
    public async Task<Reported> ReportAsync(string disbursement, byte[] report, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"disbursements/{disbursement}/reports") { Content = new ByteArrayContent(report) };
        var answer = await client.SendAsync(cast.Finance, request, cancellationToken);
        if ((string?)answer["reportId"] is not { } id)
        {
            throw new RefusedException("report", (string?)answer["code"] ?? "ERROR", answer.ToJsonString());
        }

        var delivered = long.Parse((string)answer["deliveredMinor"]!, CultureInfo.InvariantCulture);
        try
        {
            var recorded = await client.MutateAsync(
                cast.Finance, "reconcileCash", new JsonObject { ["reportId"] = id }, "reconciliation { recordedLines }", cancellationToken, delivered);
            return new Reported(delivered, (string)recorded["reconciliation"]!["recordedLines"]!, (int)answer["contradicting"]! > 0, false);
        }
        catch (RefusedException known) when (known.Code == RefusalCode.AlreadyReconciled)
        {
            return new Reported(delivered, "0", false, true);
        }
    }

    /// <summary>Finance decides the one open contradiction of a disbursement.</summary>
    /// <param name="saidMinor">What the later report says was delivered: that is signed.</param>
    public async Task DecideAsync(string disbursement, bool accept, string reason, long saidMinor, CancellationToken cancellationToken)
    {
        var open = await client.QueryListAsync(
            cast.Finance, "query($id: Id!) { contradictions(disbursementId: $id) { id state } }", new JsonObject { ["id"] = disbursement }, cancellationToken);
        var contradiction = (string)open.Single(found => (string)found!["state"]! == "OPEN")!["id"]!;
        await client.MutateAsync(
            cast.Finance, "decideContradiction", new JsonObject { ["contradictionId"] = contradiction, ["accept"] = accept, ["reason"] = reason },
            "contradiction { state }", cancellationToken, saidMinor);
    }
}
