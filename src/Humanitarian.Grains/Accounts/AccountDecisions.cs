using System.Collections.Frozen;
using Humanitarian.Chain.Canonical;
using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Deliveries;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Grants;
using Humanitarian.Domain.Holds;
using Humanitarian.Domain.Households;
using Humanitarian.Domain.LocalCurrency;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Redemptions;
using Humanitarian.Domain.Settlements;
using Humanitarian.Domain.Transactions;
using Humanitarian.Domain.Transfers;
using Humanitarian.Grains.Commands;
using Humanitarian.Grains.Sequencing;

namespace Humanitarian.Grains.Accounts;

/// <summary>
/// What an account decides, apart from Orleans. Many calls may be under way on one scheduler: each decision and its reservation are
/// made in one turn, and nothing else changes the book but the log.
/// </summary>
internal sealed partial class AccountDecisions(Id account, LedgerServices services)
{
    private const int MaximumCharges = 3;
    private readonly CommandRunner runner = new(services);
    private readonly AccountState state = new(account, services);

    public Id Account => account;

    /// <summary>The grain goes; see <see cref="AccountState.Leave"/>.</summary>
    public void Leave() => state.Leave();

    public Task<CommandResult> RedeemAsync(CommandContext context, RedemptionRequest redemption) => RunAsync(new Command(
        context,
        (scope, view, _) => VoucherRedemptions.Decide(
            new RedeemCommand(
                redemption.Program, Account, redemption.Vendor, redemption.AmountMinor, redemption.Categories, Salted(scope.Salt, redemption.ReceiptHash),
                redemption.Confirmation)
            {
                Items = redemption.Items,
            },
            scope,
            view))
    {
        Taken = (_, _) => new Refusal(RefusalCode.ChallengeUsed, "The card has answered this challenge before; ask for another one.", "card"),
    });

    public Task<CommandResult> RefundAsync(CommandContext context, Id redemption, long amountMinor, Hash32 evidence, bool recovery) => RunAsync(new Command(
        context, (scope, view, signatures) => RedemptionRefunds.Decide(redemption, amountMinor, evidence, recovery, signatures, scope, view)));

    public Task<CommandResult> TransferAsync(CommandContext context, Id program, Id payee, long amountMinor) => RunAsync(new Command(
        context, (scope, view, _) => MemberTransfers.Decide(new TransferCommand(program, Account, payee, amountMinor), scope, view)));

    public Task<CommandResult> PromiseAsync(CommandContext context, TransferCommand payment, Id hold, long until) => RunAsync(new Command(
        context, (scope, view, _) => PendingPayments.Decide(payment, hold, until, scope, view)));

    public Task<CommandResult> AcceptAsync(CommandContext context, Id hold) => RunAsync(new Command(
        context, (scope, view, _) => PaymentAcceptances.Decide(hold, scope, view)) { Taken = HoldEnded });

    public Task<CommandResult> DepartAsync(CommandContext context) => RunAsync(new Command(
        context, (scope, view, _) => Departures.Decide(Account, scope, view)) { Drains = true, JudgesHistory = true });

    public Task<CommandResult> SetLimitsAsync(CommandContext context, long floorMinor, long ceilingMinor) => RunAsync(new Command(
        context,
        (scope, view, signatures) => view.Find<AccountRecord>(RecordKind.Account, Account).Record is { } record
            ? (record.FloorMinor, record.CeilingMinor) == (floorMinor, ceilingMinor)
                ? new Refusal(RefusalCode.WrongState, "The account has these limits already.", "account")
                : Registry.Decide([record with { FloorMinor = floorMinor, CeilingMinor = ceilingMinor }], signatures, scope, view)
            : new Refusal(RefusalCode.AccountUnknown, "There is no such account.", "account"))
    {
        Drains = true, JudgesHistory = true,
    });

    public Task<CommandResult> DepositAsync(CommandContext context, long amountMinor, Hash32 evidence) => RunAsync(new Command(
        context, (scope, view, _) => Deposits.Decide(Account, amountMinor, evidence, scope, view)));

    public Task<CommandResult> ConvertOutAsync(CommandContext context, long amountMinor, Hash32 evidence) => RunAsync(new Command(
        context, (scope, view, _) => ConversionsOut.Decide(Account, amountMinor, evidence, scope, view)));

    public Task<CommandResult> RequestSettlementAsync(CommandContext context, Id program, Id hold, long amountMinor, long until) => RunAsync(new Command(
        context, (scope, view, _) => SettlementRequests.Decide(program, Account, hold, amountMinor, until, scope, view)));

    public Task<CommandResult> ApproveSettlementAsync(CommandContext context, Id hold, long amountMinor, Hash32 evidence) => RunAsync(new Command(
        context, (scope, view, signatures) => SettlementApprovals.Decide(hold, amountMinor, evidence, signatures, scope, view)) { Taken = HoldEnded });

    public Task<CommandResult> EndHoldAsync(CommandContext? context, Id hold) => RunAsync(new Command(
        context, (scope, view, _) => HoldEnds.Decide(hold, scope, view)) { Taken = HoldEnded });

    public Task<CommandResult> SetStatusAsync(CommandContext context, AccountStatus status) => RunAsync(new Command(
        context,
        (scope, view, signatures) => view.Find<AccountRecord>(RecordKind.Account, Account).Record is { } record
            ? record.Status == status
                ? new Refusal(RefusalCode.WrongState, "The account has that status already.", "account")
                : Registry.Decide([record with { Status = status }], signatures, scope, view)
            : new Refusal(RefusalCode.AccountUnknown, "There is no such account.", "account"))
    {
        Drains = true, JudgesHistory = status == AccountStatus.Closed,
    });

    public async Task<CommandResult> RecordDeathAsync(CommandContext context, DeathRequest death)
    {
        var household = (await services.Reader.FindAsync<HouseholdRecord>(RecordKind.Household, death.Household)).Record;
        var programs = household is null ? [] : await services.Reader.ProgramsOfAsync(household.Organisation);
        return await RunAsync(new Command(
            context,
            (scope, view, _) => Deaths.Decide(
                new DeathCommand(death.Household, Account, death.Successor, programs), ClaimKey.IdFrom(scope.Command!.Value.Key), scope, view))
        {
            Drains = true,
        });
    }

    public Task<CommandResult> ApproveSuccessionAsync(CommandContext context, Id succession) => RunAsync(new Command(
        context, (scope, view, signatures) => Successions.Decide(succession, signatures, scope, view)) { Drains = true, JudgesHistory = true });

    public Task<CommandResult> ReleaseAsync(CommandContext context, Id disbursement) => RunAsync(new Command(
        context,
        (scope, view, signatures) => Releases.Decide(
            disbursement, ClaimKey.IdFrom(scope.Command!.Value.Key, 1), ClaimKey.IdFrom(scope.Command!.Value.Key, 2), signatures, scope, view)));

    public Task<CommandResult> PayChunkAsync(Id disbursement, int index, Line[] lines) =>
        new ChunkPayment(services, runner, state).PayAsync(disbursement, index, lines);

    public Task<CommandResult> DeliverAsync(CommandContext context, DeliveryRequest delivery, int chunk, Hash32 root, Line line, Hash32[] proof) => RunAsync(new Command(
        context,
        (scope, view, _) => FieldDeliveries.Decide(
            delivery.Disbursement,
            new Chunk(chunk, root, [line], [], proof),
            new DeviceStatement(delivery.Device, delivery.OccurredAt, delivery.Deadline, delivery.Counter),
            new Authorisation(delivery.Device, view.Peek<Domain.Devices.DeviceRecord>(RecordKind.Device, delivery.Device).Version, delivery.Signature),
            scope with { ValidUntil = Math.Min(scope.ValidUntil, Math.Max(scope.Now, delivery.Deadline)) },
            view))
    {
        Taken = (transaction, claims) => claims.Contains(services.Identity.ClaimKey.DeviceCounter(delivery.Device, delivery.Counter))
            ? new Refusal(RefusalCode.DeviceCounterReplayed, "The device has used this counter; sign with the next one.", "counter")
            : new Refusal(RefusalCode.AlreadyAssisted, "This line, or the household for this period, has been delivered already.", "account"),
    });

    public Task<CommandResult> CompleteAsync(CommandContext? context, Id disbursement) => RunAsync(new Command(
        context, (scope, view, _) => Completions.Decide(disbursement, scope, view)) { Drains = true, Taken = HoldEnded, FlowsOfSubject = disbursement });

    public Task<CommandResult> CostAsync(CommandContext context, CostRequest cost) => RunAsync(new Command(
        context, (scope, view, _) => Costs.Decide(cost.ToCommand(), ClaimKey.IdFrom(scope.Command!.Value.Key), scope, view)));

    public Task<CommandResult> RechargeAsync(CommandContext context, RechargeRequest recharge) => RunAsync(new Command(
        context, (scope, view, signatures) => Recharges.Decide(recharge.ToCommand(), ClaimKey.IdFrom(scope.Command!.Value.Key), signatures, scope, view)));

    public Task<CommandResult> ReturnAsync(CommandContext context, Id grant, string unit, long amountMinor, Hash32 evidence) => RunAsync(new Command(
        context, (scope, view, _) => GrantOutflows.DecideReturn(grant, amountMinor, evidence, scope, view, unit)));

    public Task<CommandResult> ConvertAsync(CommandContext context, ConversionRequest conversion) => RunAsync(new Command(
        context, (scope, view, _) => Conversions.Decide(conversion.ToCommand(), ClaimKey.IdFrom(scope.Command!.Value.Key), scope, view)));

    public async Task<AskResult> AskAsync(byte[] open, byte[] closed, Hash32 closedHash)
    {
        var encoded = new EncodedTransaction(open, closed, closedHash);
        var transaction = TransactionCodec.Decode(encoded);
        var (confirmed, charged, caughtUp) = (false, false, false);
        while (true)
        {
            if (await state.ReadyAsync() is { } notReady)
            {
                return new AskResult(notReady, default);
            }

            var view = ViewOf(state.Book!);
            var refusal = Limits.Check(transaction, view);
            if (view.Missing.Count > 0)
            {
                await services.Reader.Records.LoadAsync(view.Missing);
                continue;
            }

            if (!caughtUp && transaction.Reads.Any(read => services.Reader.Records.TryGet(read.Key, out var known) && known.Version < read.Version))
            {
                // Whoever asks has read a newer record than this silo has followed, such as a limit that was lowered; the order of the
                // log only sees that the newer one was read, not that this account judged by the older.
                await services.Reader.CurrentAsync();
                caughtUp = true;
                continue;
            }

            if (refusal?.Code == RefusalCode.DemurrageDue && !charged)
            {
                await ChargeAsync();
                charged = true;
                continue;
            }

            if (refusal is not null && !confirmed)
            {
                // As for its own commands, a refusal is given only on the durable head, when what is over no longer counts.
                var head = await services.Reader.CurrentAsync();
                await state.ReadyAsync();
                state.Expire(head);
                confirmed = true;
                continue;
            }

            if (refusal is not null || !state.IsReady || state.IsAlone)
            {
                return new AskResult(refusal ?? new Refusal(RefusalCode.Retry, "The account is being loaded; ask again."), default);
            }

            state.Reserve(encoded.Hash(), transaction);
            return new AskResult(null, state.Lease!.Value);
        }
    }

    public Task DropAsync(Lease lease, Hash32 transaction, bool isVoid)
    {
        state.Drop(transaction);
        if (isVoid)
        {
            state.DropLease(lease);
        }

        return Task.CompletedTask;
    }

    /// <summary>The ledger keeps a salted hash of an item receipt, so that who has the receipt alone finds nobody: SHA-256(salt ‖ hash).</summary>
    private static Hash32 Salted(Id salt, Hash32 receipt) => receipt.IsZero
        ? default
        : Hash32.FromSpan(System.Security.Cryptography.SHA256.HashData([.. salt.ToBytes(), .. receipt.ToArray()]));

    private static Refusal HoldEnded(Transaction transaction, Claim[] claims) => new(RefusalCode.HoldEnded, "It has ended already.");

    private async Task<CommandResult> RunAsync(Command command)
    {
        for (var attempt = 1; ; attempt++)
        {
            if (!IsSettled())
            {
                await ChargeAsync();
            }

            var result = (await runner.RunAsync(state, command)).Result;

            // A day may begin between charge and decision.
            if (result.Refusal?.Code != RefusalCode.DemurrageDue || attempt == MaximumCharges)
            {
                return result;
            }
        }
    }

    /// <summary>Charges the account's demurrage where it is due: a transaction of its own, before what the account is asked for.</summary>
    private async Task ChargeAsync()
    {
        if (await IsDueAsync())
        {
            await runner.RunAsync(state, new Command(null, (scope, view, _) => Charges.Decide(Account, scope, view)) { Drains = true, JudgesHistory = true });
        }
    }

    /// <summary>True when nothing has to be loaded to see that no demurrage is due: nearly always.</summary>
    private bool IsSettled()
    {
        if (!state.IsReady || !state.Sync())
        {
            return false;
        }

        var view = ViewOf(state.Book!);
        return !Charges.IsDue(Account, services.Now, view) && view.Missing.Count == 0;
    }

    private WorkingView ViewOf(AccountBook book) =>
        new(services.Reader.Records, FrozenDictionary<Id, AccountBook>.Empty, FrozenDictionary<(Id, LotFlow), long>.Empty) { Own = (Account, book) };

    private async Task<bool> IsDueAsync()
    {
        while (await state.ReadyAsync() is null && state.Book is { } book)
        {
            var view = ViewOf(book);
            var due = Charges.IsDue(Account, services.Now, view);
            if (view.Missing.Count == 0)
            {
                return due;
            }

            await services.Reader.Records.LoadAsync(view.Missing);
        }

        return false;
    }
}
