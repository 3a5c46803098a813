using Humanitarian.Domain;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Programs;
using Humanitarian.Grains.Disbursements;
using Humanitarian.Storage.Side;

namespace Humanitarian.Grains.Commands;

/// <summary>What a disbursement that is generated from the terms has to know, and its sample.</summary>
public sealed partial class LedgerCommands
{
    /// <summary>Accounts and households that a regular payment for the period names, with ALREADY_ASSISTED for paid ones or ALREADY_LISTED.</summary>
    /// <param name="except">A disbursement that does not count.</param>
    public Task<IReadOnlyDictionary<Id, string>> ListedAsync(ISideStore side, Id program, string period, string assistanceKind, Id except) =>
        new ListedHouseholds(side, reader, DisbursementLinesAsync).FindAsync(program, period, assistanceKind, except);

    /// <summary>A step of an auditor's sample of a disbursement.</summary>
    public async Task<CommandResult> SampleAsync(CommandContext context, Id disbursement, SampleRequest request) =>
        Invalid(context) ?? await Disbursement(disbursement).SampleAsync(context, request);

    /// <summary>Lets grants bear an amount, each in turn with what it has left in the pool; null when they have not enough.</summary>
    public async Task<IReadOnlyList<GrantShare>?> ShareAsync(ProgramRecord program, IReadOnlyList<Id> grants, long amountMinor)
    {
        var left = new Dictionary<Id, long>();
        foreach (var part in (await reader.BookAsync(program.Pool)).Lots(program.Unit))
        {
            if ((await reader.FindAsync<LotRecord>(RecordKind.Lot, part.Lot)).Record is { IsReceipt: true } lot)
            {
                left[lot.Origin] = left.GetValueOrDefault(lot.Origin) + part.AmountMinor;
            }
        }

        var shares = new List<GrantShare>();
        foreach (var grant in grants.Distinct())
        {
            var share = Math.Min(left.GetValueOrDefault(grant), amountMinor);
            if (share > 0)
            {
                shares.Add(new GrantShare(grant, share));
                amountMinor -= share;
            }
        }

        return amountMinor == 0 ? shares : null;
    }
}
