using Humanitarian.Chain.Canonical;
using Humanitarian.Domain;
using Humanitarian.Domain.Households;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Redemptions;
using Humanitarian.Domain.Transactions;
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

    [Alias("SplitHousehold")]
    Task<CommandResult> SplitHouseholdAsync(CommandContext context, SplitRequest split);

    [Alias("MergeHouseholds")]
    Task<CommandResult> MergeHouseholdsAsync(CommandContext context, MergeRequest merge);

    /// <summary>Sets a person's PIN, issues a card or blocks one.</summary>
    [Alias("ChangeCredential")]
    Task<CommandResult> ChangeCredentialAsync(CommandContext context, CredentialRequest change);
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

    public async Task<CommandResult> SplitHouseholdAsync(CommandContext context, SplitRequest split)
    {
        var programs = await services.Reader.ProgramsOfAsync(Id.Parse(this.GetPrimaryKeyString()));
        var command = new SplitCommand(split.Household, split.Leaving, split.Opened, split.Size, split.NewCollector, split.Collector, programs);
        return (await runner.RunAsync(null, new Command(context, (scope, view, _) => HouseholdSplits.Decide(command, Made(scope), scope, view)))).Result;
    }

    public async Task<CommandResult> MergeHouseholdsAsync(CommandContext context, MergeRequest merge) =>
        (await runner.RunAsync(null, new Command(
            context, (scope, view, _) => HouseholdMerges.Decide(merge.Households, merge.Collector, Made(scope), scope, view)))).Result;

    public async Task<CommandResult> ChangeCredentialAsync(CommandContext context, CredentialRequest change) =>
        (await runner.RunAsync(null, new Command(context, (scope, view, _) => change.Change switch
        {
            CredentialChange.SetPin => Credentials.SetPin(change.Account, change.Pin, scope, view),
            CredentialChange.IssueCard => Credentials.IssueCard(change.Account, change.Card, scope, view),
            _ => Credentials.BlockCard(change.Account, scope, view),
        }))).Result;

    private static Id Made(DecisionScope scope) => ClaimKey.IdFrom(scope.Command!.Value.Key);
}
