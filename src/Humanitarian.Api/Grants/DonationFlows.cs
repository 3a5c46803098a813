using GraphQL;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Grants;
using Humanitarian.Grains.Reading;

namespace Humanitarian.Api.Grants;

/// <summary>
/// A grant's money that went to people for one purpose, in the currency it was disbursed in: disbursed = redeemed + expired + held. For a
/// donor it is told in steps, as in the trace.
/// </summary>
/// <param name="ProgramId">The program it went through.</param>
/// <param name="Earmark">Area, sector or group that the grant is tied to; empty for none.</param>
/// <param name="Period">Calendar period it assisted for; null for small disbursements together.</param>
/// <param name="AssistanceKind">Kind of assistance; null for small disbursements together.</param>
/// <param name="Mode">How it reached people; null for small disbursements together.</param>
/// <param name="Disbursed">Credited to people, what has expired since included.</param>
/// <param name="Redeemed">Spent at vendors.</param>
/// <param name="Settled">Of that, paid out to vendors.</param>
/// <param name="Expired">Not spent in time, and back at the grant.</param>
/// <param name="Held">With people, not spent yet.</param>
/// <param name="Instructed">With financial service providers, not reported yet.</param>
/// <param name="Delivered">Paid out in cash by providers.</param>
[Name("DonationFlow")]
public sealed record DonationFlowView(
    Id ProgramId, string Earmark, string? Period, string? AssistanceKind, DeliveryMode? Mode, Money Disbursed, Money Redeemed, Money Settled, Money Expired, Money Held,
    Money Instructed, Money Delivered)
{
    /// <summary>The flows of a trace, each purpose once, in the order in which they began.</summary>
    internal static async Task<IReadOnlyList<DonationFlowView>> OfAsync(GrantRecord grant, TraceNode trace, Func<Id, Task<DisbursementRecord?>> find)
    {
        var flows = new List<(DonationFlowView Key, TraceNode Part)>();
        foreach (var part in trace.Children.SelectMany(receipt => (receipt.Local ?? receipt).Children))
        {
            var record = part.Id.IsNone ? null : await find(part.Id);
            var nothing = new Money(0, part.Unit);
            flows.Add((
                new DonationFlowView(
                    grant.Program, grant.Earmark, record?.Period, record?.AssistanceKind, record?.Mode, nothing, nothing, nothing, nothing, nothing, nothing, nothing),
                part));
        }

        return
        [
            .. flows.GroupBy(flow => flow.Key, flow => flow.Part).Select(purpose =>
            {
                Money Sum(Func<TraceNode, long> amount) => new(purpose.Sum(amount), purpose.Key.Disbursed.Currency);
                return purpose.Key with
                {
                    Disbursed = Sum(part => part.DisbursedMinor),
                    Redeemed = Sum(part => part.RedeemedMinor),
                    Settled = Sum(part => part.SettledMinor),
                    Expired = Sum(part => part.ExpiredMinor),
                    Held = Sum(part => part.HeldMinor),
                    Instructed = Sum(part => part.InstructedMinor),
                    Delivered = Sum(part => part.DeliveredMinor),
                };
            }),
        ];
    }
}
