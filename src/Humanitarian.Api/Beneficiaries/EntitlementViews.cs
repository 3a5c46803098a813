using GraphQL;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Households;
using Humanitarian.Domain.Programs;
using Humanitarian.Grains.Commands;
using Humanitarian.Grains.Disbursements;
using Humanitarian.Grains.Reading;

namespace Humanitarian.Api.Beneficiaries;

/// <summary>What became of a beneficiary's part of a disbursement.</summary>
public enum EntitlementState
{
    /// <summary>The disbursement's list does not have them.</summary>
    NotListed = 0,

    /// <summary>Not paid yet.</summary>
    Open = 1,

    /// <summary>On the account.</summary>
    Credited = 2,

    /// <summary>Refused when it came to be paid.</summary>
    Unpaid = 3,

    /// <summary>Not paid when the disbursement was completed or cancelled.</summary>
    Undelivered = 4,

    /// <summary>With a provider, not reported yet.</summary>
    Instructed = 5,

    /// <summary>Paid out by a provider.</summary>
    Delivered = 6,

    /// <summary>Paid out by a provider in part.</summary>
    PartlyDelivered = 7,

    /// <summary>A provider could not pay it out.</summary>
    Failed = 8,

    /// <summary>Taken back from a provider, unclaimed.</summary>
    Recalled = 9,
}

/// <summary>A beneficiary's part of a disbursement of a program that they are enrolled in.</summary>
/// <param name="ProgramId">The program.</param>
/// <param name="DisbursementId">The disbursement.</param>
/// <param name="Period">The calendar period that it assists for.</param>
/// <param name="AssistanceKind">The kind of assistance.</param>
/// <param name="Amount">What they are entitled to.</param>
/// <param name="Paid">What they have got of it.</param>
/// <param name="State">What became of it.</param>
/// <param name="Reason">Code of why it was not paid in full, as in docs/refusals.md or as the provider reported it; null otherwise.</param>
[Name("Entitlement")]
public sealed record EntitlementView(
    Id ProgramId, Id DisbursementId, string Period, string AssistanceKind, Money Amount, Money Paid, EntitlementState State, string? Reason);

/// <summary>What one beneficiary was and is entitled to, and why not, where the caller's scope reaches.</summary>
public sealed class EntitlementReads(LedgerReader reader, LedgerCommands commands, Access access)
{
    private const int DisbursementsMax = 12;

    /// <summary>The places of an account in the programs of its organisation, those that have ended too.</summary>
    internal async Task<IReadOnlyList<EnrolmentRecord>> EnrolmentsAsync(Id organisation, Id account, CancellationToken cancellationToken)
    {
        var programs = await reader.ListAsync<ProgramRecord>(RecordKind.Program, organisation, null, Paging.Most, cancellationToken);
        var found = await reader.FindAllAsync<EnrolmentRecord>(RecordKind.Enrolment, [.. programs.Select(program => EnrolmentRecord.IdOf(program.Id, account))], cancellationToken);
        return [.. found.Where(enrolment => enrolment.Account == account && access.Covers(enrolment))];
    }

    /// <summary>The households that an account is in now; not one that it has left, which is others'.</summary>
    internal async Task<IReadOnlyList<HouseholdRecord>> HouseholdsAsync(Id organisation, Id account, CancellationToken cancellationToken)
    {
        var found = new Dictionary<Id, HouseholdRecord>();
        Id[] ids = [.. (await EnrolmentsAsync(organisation, account, cancellationToken)).Select(enrolment => enrolment.Household).Distinct()];
        while (ids.Length > 0)
        {
            var records = await reader.FindAllAsync<HouseholdRecord>(RecordKind.Household, ids, cancellationToken);
            foreach (var household in records)
            {
                found[household.Id] = household;
            }

            ids = [.. records.Where(household => !household.MergedInto.IsNone).Select(household => household.MergedInto).Distinct()];
        }

        return [.. found.Values.Where(household => household.Accounts.Contains(account))];
    }

    /// <summary>What the log of looks knows a beneficiary by: their account and their programs.</summary>
    internal async Task<IReadOnlyList<Id>> LookedAtAsAsync(Id organisation, Id account, CancellationToken cancellationToken) =>
        [account, .. (await EnrolmentsAsync(organisation, account, cancellationToken)).Select(enrolment => enrolment.Program)];

    /// <summary>Parts of the disbursements of the latest periods of each program, the latest first.</summary>
    internal async Task<IReadOnlyList<EntitlementView>> OfAsync(Id organisation, Id account, CancellationToken cancellationToken)
    {
        var entitlements = new List<EntitlementView>();
        foreach (var enrolment in await EnrolmentsAsync(organisation, account, cancellationToken))
        {
            if ((await reader.FindFollowedAsync<ProgramRecord>(RecordKind.Program, enrolment.Program, cancellationToken)).Record is not { } program)
            {
                continue;
            }

            var disbursements = await reader.ListAsync<DisbursementRecord>(RecordKind.Disbursement, program.Id, null, Paging.Most, cancellationToken);
            foreach (var disbursement in disbursements.OrderByDescending(one => one.Period, StringComparer.Ordinal).ThenBy(one => one.Id).Take(DisbursementsMax))
            {
                entitlements.Add(Of(program, disbursement, await commands.DisbursementLineOfAsync(disbursement.Id, account)));
            }
        }

        return entitlements;
    }

    private static EntitlementView Of(ProgramRecord program, DisbursementRecord disbursement, LineReport? line) => new(
        program.Id, disbursement.Id, disbursement.Period, disbursement.AssistanceKind,
        new Money(line?.AmountMinor ?? 0, program.Unit), new Money(line?.PaidMinor ?? 0, program.Unit),
        (EntitlementState)(int)(line?.Outcome ?? 0), line is { Reason.Length: > 0 } refused ? refused.Reason : null);
}
