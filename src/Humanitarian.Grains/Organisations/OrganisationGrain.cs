using Humanitarian.Chain.Canonical;
using Humanitarian.Domain;
using Humanitarian.Domain.Cases;
using Humanitarian.Domain.Households;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Redemptions;
using Humanitarian.Domain.Settlements;
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
    Task<CommandResult> ChangeRecordsAsync(CommandContext context, [Immutable] byte[][] records);

    [Alias("SplitHousehold")]
    Task<CommandResult> SplitHouseholdAsync(CommandContext context, SplitRequest split);

    [Alias("MergeHouseholds")]
    Task<CommandResult> MergeHouseholdsAsync(CommandContext context, MergeRequest merge);

    /// <summary>Changes a person's PIN, card or login.</summary>
    [Alias("ChangeCredential")]
    Task<CommandResult> ChangeCredentialAsync(CommandContext context, CredentialRequest change);

    /// <summary>A person takes their consent back.</summary>
    [Alias("WithdrawConsent")]
    Task<CommandResult> WithdrawConsentAsync(CommandContext context, Id account);

    /// <summary>Proposes to delete what is kept of a person, or confirms it.</summary>
    [Alias("ForgetPerson")]
    Task<CommandResult> ForgetPersonAsync(CommandContext context, Id account, ForgettingReason reason);

    /// <summary>Proposes, confirms or withdraws a vendor's pay-out details.</summary>
    [Alias("ChangePayoutDetails")]
    Task<CommandResult> ChangePayoutDetailsAsync(CommandContext context, PayoutDetailsRequest change);

    /// <summary>A pay-out came back.</summary>
    [Alias("ReturnPayout")]
    Task<CommandResult> ReturnPayoutAsync(CommandContext context, Id payout, Hash32 evidence);

    [Alias("WithdrawInvitation")]
    Task<CommandResult> WithdrawInvitationAsync(CommandContext context, Id invitation);

    /// <summary>Whoever holds an invitation's code joins; the principal is the member to be.</summary>
    [Alias("Join")]
    Task<CommandResult> JoinAsync(CommandContext context, Hash32 code, Address address);

    [Alias("Appoint")]
    Task<CommandResult> AppointAsync(CommandContext context, AppointmentRequest appointment);

    /// <summary>Ends at a time what a member holds for another.</summary>
    [Alias("EndAppointment")]
    Task<CommandResult> EndAppointmentAsync(CommandContext context, Id member, Id absent, long until);

    [Alias("BreakGlass")]
    Task<CommandResult> BreakGlassAsync(CommandContext context, EmergencyRequest emergency);

    [Alias("ReviewEmergency")]
    Task<CommandResult> ReviewEmergencyAsync(CommandContext context, Id emergency, bool justified, string review);
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
            CredentialChange.GiveLogin => Credentials.GiveLogin(change.Account, change.Pin, scope, view),
            CredentialChange.EndLogin => Credentials.EndLogin(change.Account, scope, view),
            _ => Credentials.BlockCard(change.Account, scope, view),
        }))).Result;

    public Task<CommandResult> WithdrawConsentAsync(CommandContext context, Id account) =>
        ChangeAsync(context, (scope, view, _) => PrivacyNoticeRecord.Withdraw(account, scope, view));

    public async Task<CommandResult> ForgetPersonAsync(CommandContext context, Id account, ForgettingReason reason) =>
        await HasMoneyAsync(account) ? CommandResult.Refused(new Refusal(RefusalCode.AccountNotEmpty, "The person has something on their account, or set aside.", "accountId"))
        : await HasOpenCaseAsync(account) ? CommandResult.Refused(new Refusal(RefusalCode.WrongState, "The person has a case that is not resolved; answer it first.", "accountId"))
        : await ChangeAsync(context, (scope, view, _) => Forgettings.Decide(account, reason, scope, view));

    private async Task<bool> HasMoneyAsync(Id account) => !(await services.Reader.BookAsync(account)).IsEmpty;

    private async Task<bool> HasOpenCaseAsync(Id account)
    {
        const int Page = 100;
        Id? after = null;
        while (await services.Reader.ListAsync<CaseRecord>(RecordKind.Case, account, after, Page) is { Count: > 0 } cases)
        {
            if (cases.Any(one => one.Status is CaseStatus.Open or CaseStatus.InProgress))
            {
                return true;
            }

            after = cases[^1].Id;
        }

        return false;
    }

    public async Task<CommandResult> ChangePayoutDetailsAsync(CommandContext context, PayoutDetailsRequest change) =>
        (await runner.RunAsync(null, new Command(context, (scope, view, signatures) => change.Change switch
        {
            PayoutDetailsChange.Propose => PayoutDetails.Propose(change.Account, change.Hash, change.CoolOffMilliseconds, scope, view),
            PayoutDetailsChange.Confirm => PayoutDetails.Confirm(change.Account, signatures, scope, view),
            _ => PayoutDetails.Withdraw(change.Account, signatures, scope, view),
        }))).Result;

    public async Task<CommandResult> ReturnPayoutAsync(CommandContext context, Id payout, Hash32 evidence) =>
        (await runner.RunAsync(null, new Command(context, (scope, view, signatures) => PayoutReturns.Decide(payout, evidence, signatures, scope, view)))).Result;

    public Task<CommandResult> WithdrawInvitationAsync(CommandContext context, Id invitation) =>
        ChangeAsync(context, (scope, view, signatures) => Invitations.Withdraw(invitation, signatures, scope, view));

    public Task<CommandResult> JoinAsync(CommandContext context, Hash32 code, Address address) =>
        ChangeAsync(context, (scope, view, signatures) => Joins.Decide(context.Principal, code, address, signatures, scope, view));

    public Task<CommandResult> AppointAsync(CommandContext context, AppointmentRequest appointment) =>
        ChangeAsync(context, (scope, view, signatures) => ActingRoles.Appoint(
            appointment.Member, appointment.Absent, appointment.Roles, appointment.From, appointment.Until, signatures, scope, view));

    public Task<CommandResult> EndAppointmentAsync(CommandContext context, Id member, Id absent, long until) =>
        ChangeAsync(context, (scope, view, signatures) => ActingRoles.End(member, absent, until, signatures, scope, view));

    public Task<CommandResult> BreakGlassAsync(CommandContext context, EmergencyRequest emergency) =>
        ChangeAsync(context, (scope, view, signatures) => Emergencies.Take(
            Made(scope), emergency.Program, emergency.Subject, emergency.Role, emergency.Until, emergency.Reason, signatures, scope, view));

    public Task<CommandResult> ReviewEmergencyAsync(CommandContext context, Id emergency, bool justified, string review) =>
        ChangeAsync(context, (scope, view, signatures) => Emergencies.Review(emergency, justified, review, signatures, scope, view));

    private async Task<CommandResult> ChangeAsync(CommandContext context, Decide decide) => (await runner.RunAsync(null, new Command(context, decide))).Result;

    private static Id Made(DecisionScope scope) => ClaimKey.IdFrom(scope.Command!.Value.Key);
}
