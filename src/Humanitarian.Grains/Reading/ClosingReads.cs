using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Deliveries;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Holds;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Programs.Rules;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Grains.Reading;

/// <summary>Something that stands in the way of a program's end.</summary>
/// <param name="Code">The refusal's code.</param>
/// <param name="Count">How many there are.</param>
/// <param name="Message">What to do.</param>
public sealed record StillOpen(string Code, long Count, string Message)
{
    internal Refusal ToRefusal() => new(Code, Message, "programId");
}

/// <summary>What is open of a program that is to be closed.</summary>
public sealed partial class LedgerReader
{
    /// <summary>Everything that is open as of the durable head; empty when the program can be closed.</summary>
    public async Task<IReadOnlyList<StillOpen>> StillOpenAsync(ProgramRecord program, CancellationToken cancellationToken = default)
    {
        var disbursements = await AllAsync<DisbursementRecord>(RecordKind.Disbursement, program.Id, cancellationToken);
        var lots = disbursements.Where(disbursement => !disbursement.Lot.IsNone).Select(disbursement => disbursement.Lot).ToArray();
        var flows = await FlowsAsync(lots, cancellationToken);
        long Count(Func<Func<LotFlow, long>, long> of) => lots.LongCount(lot => of(flow => flows.GetValueOrDefault((lot, flow))) != 0);
        StillOpen[] all =
        [
            new(RefusalCode.DisbursementsOpen, disbursements.LongCount(IsOpen), "Complete or cancel the disbursements that are approved, released or paused."),
            new(RefusalCode.DeliveriesOpen, await LateAsync(program, cancellationToken), "Late deliveries wait for an approver; pay or reject them."),
            new(RefusalCode.HoldsOpen, Count(WithProvider), "Lines of cash are with a provider; they end by its report or by their recall."),
            new(RefusalCode.Contradicted, await ContradictionsAsync(disbursements, cancellationToken), "Decide the reports that contradict each other."),
            new(RefusalCode.BalancesOpen, Count(NetFlow.WithPeople) + await MembersAsync(program, cancellationToken), "People still hold units that have not expired, or take part with accounts that are not closed."),
            new(RefusalCode.SettlementsOpen, await SettlementsAsync(program, cancellationToken) + Count(of => NetFlow.Redeemed(of) - NetFlow.Settled(of)), "Vendors have not been settled."),
            new(RefusalCode.ReviewDue, await EmergenciesAsync(program, cancellationToken), "A role that was taken in an emergency waits for its review."),
        ];
        return [.. all.Where(one => one.Count > 0)];
    }

    private async Task<long> LateAsync(ProgramRecord program, CancellationToken cancellationToken) =>
        (await AllAsync<DeliveryExceptionRecord>(RecordKind.DeliveryException, program.Id, cancellationToken)).LongCount(late => late.State == DeliveryExceptionState.Open);

    private static bool IsOpen(DisbursementRecord disbursement) => disbursement.State is not (DisbursementState.Completed or DisbursementState.Cancelled);

    private static long WithProvider(Func<LotFlow, long> of) => of(LotFlow.Instructed) - of(LotFlow.Delivered) - of(LotFlow.Failed) - of(LotFlow.Recalled);

    private async Task<long> ContradictionsAsync(IReadOnlyList<DisbursementRecord> disbursements, CancellationToken cancellationToken)
    {
        long open = 0;
        foreach (var disbursement in disbursements.Where(disbursement => disbursement.Cash is not null))
        {
            open += (await ContradictedAsync(disbursement.Id, cancellationToken)).Count;
        }

        return open;
    }

    private async Task<long> SettlementsAsync(ProgramRecord program, CancellationToken cancellationToken)
    {
        long open = 0;
        foreach (var vendor in await AllAsync<AccreditationRecord>(RecordKind.Accreditation, program.Id, cancellationToken))
        {
            open += (await AllAsync<HoldRecord>(RecordKind.Hold, vendor.VendorAccount, cancellationToken))
                .LongCount(hold => hold.Program == program.Id && hold is { Purpose: HoldPurpose.Settlement, State: HoldState.Open });
        }

        return open;
    }

    /// <summary>Accounts of a program whose units come from no grant, which are closed one by one.</summary>
    private async Task<long> MembersAsync(ProgramRecord program, CancellationToken cancellationToken) => TermsJson.Of(program).Find<BackedByGrants>() is not null
        ? 0
        : (await AllAsync<AccountRecord>(RecordKind.Account, program.Organisation, cancellationToken))
            .LongCount(account => account.Program == program.Id && account is { IsOfProgram: true, AccountKind: not AccountKind.CommonsFund, Status: not AccountStatus.Closed });

    private async Task<long> EmergenciesAsync(ProgramRecord program, CancellationToken cancellationToken) =>
        (await AllAsync<EmergencyRecord>(RecordKind.Emergency, program.Organisation, cancellationToken))
            .LongCount(emergency => emergency.Program == program.Id && emergency.ReviewedBy.IsNone);
}
