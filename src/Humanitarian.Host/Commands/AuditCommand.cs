using Humanitarian.Api.Audit;
using Humanitarian.Host.Setup;
using Humanitarian.Storage;

namespace Humanitarian.Host.Commands;

/// <summary>Checks the audit trail against its anchors on the ledger.</summary>
internal static class AuditCommand
{
    public static ExampleCommand Create()
    {
        var config = SharedOptions.Config();
        var data = SharedOptions.Data();
        var command = new ExampleCommand(
            "audit", "Checks who-asked-what against the hashes of it on the ledger, beside a running server too. The ledger itself is verify's to check.",
            "audit --data ./data")
        {
            data, config,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (settings, _) = parsed.Settings(config, ("Storage:DataFolder", data));
            await using var stores = await LedgerStorage.OpenExistingAsync(settings.Storage, StoreAccess.Read, cancellationToken);
            var report = await AuditVerification.RunAsync(stores.Side, stores.Blocks, cancellationToken);
            if (report.Broken is { } broken)
            {
                Console.WriteLine($"Broken: {broken}");
                return ExitCode.Failed;
            }

            Console.WriteLine($"As they were written: requests {report.Entries}, in trails {report.Trails}; anchors on the ledger that match: {report.Anchors}.");
            if (report.NotAnchored > 0)
            {
                Console.WriteLine($"Not shown: {report.NotAnchored} requests came after the last anchor of their trail. Whoever has the database could still have changed them.");
            }

            return ExitCode.Ok;
        });
        return command;
    }
}
