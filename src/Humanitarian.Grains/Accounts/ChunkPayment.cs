using Humanitarian.Domain;
using Humanitarian.Domain.Cash;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Transactions;
using Humanitarian.Grains.Commands;
using Humanitarian.Grains.Sequencing;

namespace Humanitarian.Grains.Accounts;

/// <summary>Pays one chunk from a pool, or instructs a provider for it: lines that the sequencer refuses are marked unpaid, and the chunk is issued again without them.</summary>
internal sealed class ChunkPayment(LedgerServices services, CommandRunner runner, AccountState pool)
{
    private readonly List<UnpaidLine> unpaid = [];
    private readonly HashSet<Claim> refusedBefore = [];
    private ILedgerView? decidedOn;

    public async Task<CommandResult> PayAsync(Id disbursement, int index, Line[] lines)
    {
        if (await services.BulkTurnAsync() is { } busy)
        {
            return CommandResult.Refused(busy);
        }

        await LeaveOutContradictedAsync(disbursement, lines);
        var needs = await NeedsAsync(disbursement, lines);
        while (true)
        {
            var ran = await runner.RunAsync(pool, new Command(null, (scope, view, _) => view.Disbursement(disbursement).Record?.Mode == DeliveryMode.Cash
                ? Instructions.Decide(disbursement, index, lines, unpaid, scope, decidedOn = view)
                : Chunks.Decide(disbursement, index, lines, unpaid, scope, decidedOn = view)) { Bulk = true, Needs = needs });
            if (ran.Submitted is not { Refusal: { } refusal } submitted || !IsAboutLines(ran.Transaction!, refusal, submitted))
            {
                return ran.Result;
            }

            // A payment on top claims the next instalment: where another came first, it is decided again on what is paid by then.
            var regular = decidedOn!.Disbursement(disbursement).Record is not { Purpose: not DisbursementPurpose.Regular };
            var seenBefore = refusedBefore.Overlaps(submitted.Claims);
            var marked = MarkUnpaid(ran.Transaction!, submitted, regular ? submitted.Claims : [.. submitted.Claims.Where(refusedBefore.Contains)]);
            if (!marked && (regular || seenBefore || submitted.Claims.Length == 0))
            {
                return CommandResult.Refused(new Refusal(RefusalCode.Retry, "Too much changed at the same time; ask again."));
            }

            refusedBefore.UnionWith(submitted.Claims);
            await services.Reader.CurrentAsync();
        }
    }

    private async Task<Needs?> NeedsAsync(Id disbursement, Line[] lines) =>
        (await services.Reader.FindAsync<DisbursementRecord>(RecordKind.Disbursement, disbursement)).Record is not { Mode: DeliveryMode.Bulk, Program: var program }
            ? null
            : new Needs([.. lines.SelectMany(line => Needs.OfPerson(program, line.Account, line.Household)).Distinct()], [.. lines.Select(line => line.Account)]);

    /// <summary>What a late report says was paid is not brought again, and nothing comes on top of it, before a person has decided.</summary>
    private async Task LeaveOutContradictedAsync(Id disbursement, Line[] lines)
    {
        if ((await services.Reader.FindAsync<DisbursementRecord>(RecordKind.Disbursement, disbursement)).Record is not { Cash.FollowsUp: { IsNone: false } first })
        {
            return;
        }

        var contradicted = new Dictionary<Id, IReadOnlySet<Id>>();
        for (var place = 0; place < lines.Length; place++)
        {
            for (var followed = first; !followed.IsNone && followed != disbursement;)
            {
                if (!contradicted.TryGetValue(followed, out var open))
                {
                    contradicted[followed] = open = await services.Reader.ContradictedAsync(followed);
                }

                var line = CashLineRecord.IdOf(followed, lines[place].Account);
                if (open.Contains(line))
                {
                    unpaid.Add(new UnpaidLine(place, RefusalCode.Contradicted));
                    break;
                }

                followed = (await services.Reader.FindAsync<CashLineRecord>(RecordKind.CashLine, line)).Record?.FollowedBy ?? Id.None;
            }
        }
    }

    /// <summary>False when the chunk is paid already, or the refusal says nothing of lines.</summary>
    private bool IsAboutLines(Transaction transaction, Refusal refusal, SubmitResult submitted) =>
        refusal.Code is RefusalCode.ClaimTaken or RefusalCode.AccountClosed
        && !submitted.Claims.Contains(services.Identity.ClaimKey.DisbursementChunk(transaction.Subject, transaction.Chunk!.Index));

    private bool MarkUnpaid(Transaction transaction, SubmitResult submitted, IReadOnlyCollection<Claim> claims)
    {
        var taken = claims.ToHashSet();
        var accounts = submitted.Accounts.ToHashSet();
        var before = unpaid.Count;
        foreach (var (place, own) in Chunks.ClaimsByLine(transaction, decidedOn!, services.Identity.ClaimKey))
        {
            if (accounts.Contains(transaction.Chunk!.Lines[place].Account))
            {
                unpaid.Add(new UnpaidLine(place, RefusalCode.AccountClosed));
            }
            else if (taken.Count > 0 && own.Any(taken.Contains))
            {
                unpaid.Add(new UnpaidLine(place, RefusalCode.AlreadyAssisted));
            }
        }

        return unpaid.Count > before;
    }
}
