using System.CommandLine;
using System.Text.Json.Nodes;
using Humanitarian.Api.Keys;
using Humanitarian.Chain.Canonical;
using Humanitarian.Chain.Crypto;
using Humanitarian.Domain;
using Humanitarian.Domain.Organisations;
using Humanitarian.Host.Configuration;
using Humanitarian.Host.Serving;
using Humanitarian.Host.Setup;
using Humanitarian.Host.Verification;
using Humanitarian.Storage;

namespace Humanitarian.Host.Commands;

/// <summary>API keys, by whoever has the machine: for an administrator who lost theirs.</summary>
internal static class ApiKeyCommand
{
    public static Command Create() => new("apikey", "API keys, while the server is stopped.") { New() };

    private static ExampleCommand New()
    {
        var config = SharedOptions.Config();
        var data = SharedOptions.Data();
        var keys = SharedOptions.Keys();
        var member = new Option<string>("--member") { HelpName = "ID", Description = "The member it stands for, 32 hexadecimal digits.", Required = true };
        var json = SharedOptions.Json();
        var command = new ExampleCommand(
            "new", "Makes an API key for a member and shows it once. The server must be stopped.",
            "apikey new --data ./data --member 0193a5b8c2d17f3e9a41c07d5be2f601")
        {
            member, data, keys, json, config,
        };
        command.SetAction((parsed, cancellationToken) =>
        {
            var (settings, _) = parsed.Settings(config, ("Storage:DataFolder", data), ("Keys:Folder", keys));
            return NewAsync(settings, parsed.GetRequiredValue(member), parsed.GetValue(json), cancellationToken);
        });
        return command;
    }

    private static async Task<int> NewAsync(Settings settings, string member, bool json, CancellationToken cancellationToken)
    {
        if (!Id.TryParse(member, out var id))
        {
            throw new StartupFault(StartupCode.Configuration, "--member: an id is 32 hexadecimal digits.");
        }

        var random = new SystemRandomSource();
        await using var stores = await LedgerStorage.OpenExistingAsync(settings.Storage, StoreAccess.Alone, cancellationToken);
        await ProjectionReplay.AdvanceAsync(stores.Blocks, stores.Projections, ulong.MaxValue, cancellationToken);
        var rows = await stores.Projections.RecordsAsync([((int)RecordKind.Member, id)], cancellationToken);
        if (rows.Value is not [var row] || RecordCodec.Decode(row.Content.Span) is not MemberRecord { Active: true } record)
        {
            throw new CommandFault($"There is no active member {id} on this ledger.");
        }

        var keys = await new KeyFolder(settings.Keys, random).ReadAsync(cancellationToken);
        var made = await new ApiKeys(stores.Side, random, TimeProvider.System, ApiOptions.Of(keys, settings))
            .CreateAsync(record.Id, record.Organisation, cancellationToken: cancellationToken);
        Console.WriteLine(json ? new JsonObject { ["member"] = id.ToString(), ["apiKey"] = made.Secret }.ToJsonString() : $"{made.Secret}  (shown this once)");
        return ExitCode.Ok;
    }
}
