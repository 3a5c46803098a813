using Humanitarian.Domain;
using Humanitarian.Domain.Organisations;
using Humanitarian.Grains.Organisations;
using Humanitarian.Grains.Programs;

namespace Humanitarian.Grains.Commands;

/// <summary>Who may do what, and what is stopped.</summary>
public sealed partial class LedgerCommands
{
    /// <summary>Stops a program, an area of it or a vendor in it at once.</summary>
    /// <param name="area">The site of enrolments; empty for all of the program or a vendor.</param>
    /// <param name="vendorAccount">The vendor's account; none for all of the program or an area.</param>
    public async Task<CommandResult> StopAsync(CommandContext context, Id program, string area, Id vendorAccount, StopReason reason) =>
        Invalid(context) ?? await Program(program).StopAsync(context, area, vendorAccount, reason);

    /// <summary>Asks for the end of a stop, or confirms what another member has asked for.</summary>
    public async Task<CommandResult> ResumeAsync(CommandContext context, Id program, string area, Id vendorAccount) =>
        Invalid(context) ?? await Program(program).ResumeAsync(context, area, vendorAccount);

    /// <summary>Proposes to switch the separation of duties off in a program for a time; the proposer's signature is the first approval.</summary>
    public async Task<CommandResult> ProposeWaiverAsync(CommandContext context, Id program, WaiverRequest waiver) =>
        Invalid(context) ?? await Program(program).ProposeWaiverAsync(context, waiver);

    public async Task<CommandResult> ApproveWaiverAsync(CommandContext context, Id program) =>
        Invalid(context) ?? await Program(program).ApproveWaiverAsync(context);

    /// <summary>Ends a waiver, or a proposal of one, at once.</summary>
    public async Task<CommandResult> EndWaiverAsync(CommandContext context, Id program) =>
        Invalid(context) ?? await Program(program).EndWaiverAsync(context);

    /// <summary>Proposes terms for a program; another member approves them.</summary>
    public async Task<CommandResult> ProposeTermsAsync(CommandContext context, Id program, TermsRequest proposed) =>
        Invalid(context) ?? await Program(program).ProposeTermsAsync(context, proposed);

    /// <summary>Approves the proposed terms, which take effect with it or when they are due.</summary>
    public async Task<CommandResult> ApproveTermsAsync(CommandContext context, Id program) =>
        Invalid(context) ?? await Program(program).ApproveTermsAsync(context);

    /// <summary>Takes back terms that are not in effect yet.</summary>
    public async Task<CommandResult> WithdrawTermsAsync(CommandContext context, Id program) =>
        Invalid(context) ?? await Program(program).WithdrawTermsAsync(context);

    /// <summary>An administrator takes an invitation back that nobody has used.</summary>
    public async Task<CommandResult> WithdrawInvitationAsync(CommandContext context, Id invitation) =>
        Invalid(context) ?? await (await OrganisationAsync(context)).WithdrawInvitationAsync(context, invitation);

    /// <summary>Whoever holds an invitation's code joins. The principal is the member to be, whose id is the invitation's.</summary>
    /// <param name="code">The 32 bytes of the code.</param>
    /// <param name="address">Address of the new member's key; zero for who never signs.</param>
    public async Task<CommandResult> JoinAsync(CommandContext context, Hash32 code, Address address) =>
        Invalid(context)
        ?? ((await reader.FindAsync<InvitationRecord>(RecordKind.Invitation, context.Principal)).Record is { } invitation
            ? await grains.GetGrain<IOrganisationGrain>(invitation.Organisation.ToString()).JoinAsync(context, code, address)
            : CommandResult.Refused(Joins.Unknown()));

    /// <summary>An administrator lets a member hold another's roles between two dates.</summary>
    public async Task<CommandResult> AppointAsync(CommandContext context, AppointmentRequest appointment) =>
        Invalid(context) ?? await (await OrganisationAsync(context)).AppointAsync(context, appointment);

    /// <summary>Ends at a time what a member holds for another.</summary>
    /// <param name="until">Unix milliseconds.</param>
    public async Task<CommandResult> EndAppointmentAsync(CommandContext context, Id member, Id absent, long until) =>
        Invalid(context) ?? await (await OrganisationAsync(context)).EndAppointmentAsync(context, member, absent, until);

    /// <summary>A member takes a role they lack for one disbursement or settlement; the emergency has the id <see cref="IdFor"/> of the command.</summary>
    public async Task<CommandResult> BreakGlassAsync(CommandContext context, EmergencyRequest emergency) =>
        Invalid(context) ?? await (await OrganisationAsync(context)).BreakGlassAsync(context, emergency);

    /// <summary>Another member says what they think of an emergency; its role ends.</summary>
    public async Task<CommandResult> ReviewEmergencyAsync(CommandContext context, Id emergency, bool justified, string review) =>
        Invalid(context) ?? await (await OrganisationAsync(context)).ReviewEmergencyAsync(context, emergency, justified, review);

    private IProgramGrain Program(Id program) => grains.GetGrain<IProgramGrain>(program.ToString());
}
