using Humanitarian.Domain;
using Humanitarian.Domain.Households;
using Humanitarian.Domain.Organisations;
using Humanitarian.Grains.Organisations;

namespace Humanitarian.Grains.Commands;

public sealed partial class LedgerCommands
{
    /// <summary>Splits a household; the new one has the id <see cref="IdFor"/> of the command.</summary>
    public async Task<CommandResult> SplitHouseholdAsync(CommandContext context, SplitRequest split) =>
        Invalid(context) ?? await (await OrganisationAsync(context)).SplitHouseholdAsync(context, split);

    /// <summary>Merges households; the new one has the id <see cref="IdFor"/> of the command.</summary>
    public async Task<CommandResult> MergeHouseholdsAsync(CommandContext context, MergeRequest merge) =>
        Invalid(context) ?? await (await OrganisationAsync(context)).MergeHouseholdsAsync(context, merge);

    /// <summary>Records a death; the succession it opens has the id <see cref="IdFor"/> of the command.</summary>
    public async Task<CommandResult> RecordDeathAsync(CommandContext context, DeathRequest death) =>
        Invalid(context) ?? await Account(death.Account).RecordDeathAsync(context, death);

    /// <summary>An approver signs that what a deceased member's account holds passes to the successor's.</summary>
    public async Task<CommandResult> ApproveSuccessionAsync(CommandContext context, Id succession) =>
        Invalid(context)
        ?? ((await reader.FindAsync<SuccessionRecord>(RecordKind.Succession, succession)).Record is { } record
            ? await Account(record.From).ApproveSuccessionAsync(context, succession)
            : NotFound("succession"));

    private async Task<IOrganisationGrain> OrganisationAsync(CommandContext context)
    {
        var member = (await reader.FindAsync<MemberRecord>(RecordKind.Member, context.Principal)).Record;
        return grains.GetGrain<IOrganisationGrain>((member?.Organisation ?? Id.None).ToString());
    }
}
