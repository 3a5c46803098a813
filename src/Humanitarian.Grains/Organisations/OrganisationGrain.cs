using Humanitarian.Chain.Canonical;
using Humanitarian.Domain.Organisations;
using Humanitarian.Grains.Commands;
using Orleans.Concurrency;

namespace Humanitarian.Grains.Organisations;

/// <summary>An organisation: its members change records through it. Its key is the organisation's id.</summary>
[Alias("IOrganisationGrain")]
public interface IOrganisationGrain : IGrainWithStringKey
{
    /// <summary>Writes new versions of records, each in its canonical encoding.</summary>
    [Alias("ChangeRecords")]
    Task<CommandResult> ChangeRecordsAsync(CommandContext context, byte[][] records);
}

/// <summary>Holds nothing: the versions that a change names keep two changes apart, so it is reentrant.</summary>
[Reentrant]
internal sealed class OrganisationGrain(LedgerServices services) : Grain, IOrganisationGrain
{
    private readonly CommandRunner runner = new(services);

    public async Task<CommandResult> ChangeRecordsAsync(CommandContext context, byte[][] records)
    {
        var decoded = records.Select(record => RecordCodec.Decode(record)).ToArray();
        return (await runner.RunAsync(null, new Command(context, (scope, view, signatures) => Registry.Decide(decoded, signatures, scope, view)))).Result;
    }
}
