using Humanitarian.Chain.Authority;
using Humanitarian.Chain.Canonical;
using Humanitarian.Domain;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Transactions;
using Humanitarian.Grains.Accounts;
using Humanitarian.Grains.Sequencing;

namespace Humanitarian.Grains.Commands;

/// <summary>
/// The way of a transaction from a decision to its durable place: decide on committed state less reservations, reserve in the same
/// turn, encode once, ask the other accounts, submit, and turn the answer into state. Every refusal is given only on the durable head.
/// </summary>
internal sealed partial class CommandRunner(LedgerServices services)
{
    private const int MaximumAttempts = 12;
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromMilliseconds(100);

    /// <summary>Runs a command of the account, or of no account when <paramref name="state"/> is null.</summary>
    public Task<Ran> RunAsync(AccountState? state, Command command) =>
        command is { Context.OfUnit: true } and ({ Drains: true } or { JudgesHistory: true }) ? Task.FromResult(NotInUnit())
        : state is null || !command.Drains ? AttemptAsync(state, command)
        : AloneAsync(state, command);

    private async Task<Ran> AloneAsync(AccountState state, Command command)
    {
        await state.EnterAloneAsync();
        try
        {
            return await AttemptAsync(state, command);
        }
        finally
        {
            state.LeaveAlone();
        }
    }

    private async Task<Ran> AttemptAsync(AccountState? state, Command command)
    {
        var confirmed = false;
        var last = RefusalCode.Retry;
        for (var attempt = 0; attempt < MaximumAttempts; attempt++)
        {
            if (await ReadyAsync(state, command) is { } notReady)
            {
                if (notReady.Code == RefusalCode.Retry)
                {
                    await Task.Delay(AskAgainAfter, services.Time);
                    continue;
                }

                return Refused(notReady);
            }

            var (prepared, refused, toSign, scope) = await DecideAsync(state, command);
            if (refused is { Code: RefusalCode.Unknown } open)
            {
                await Task.Delay(AskAgainAfter, services.Time);
                (confirmed, last) = (await ConfirmAsync(state), open.Code);
                if (await FirstOutcomeAsync(command.Context, scope) is { } first)
                {
                    return first;
                }

                continue;
            }

            if (refused is { } refusal)
            {
                if (!confirmed || refusal.Code == RefusalCode.Retry)
                {
                    // What was refused on older state may be allowed on the durable one: a credit was acknowledged elsewhere.
                    (confirmed, last) = (await ConfirmAsync(state), refusal.Code);
                    continue;
                }

                return await DefinitelyAsync(state, command, scope, Refused(refusal, toSign));
            }

            if (command.Context is { DryRun: true, OfUnit: false })
            {
                return await RehearseAsync(state, command, prepared!, scope);
            }

            var ran = command.Context is { OfUnit: true } ? await SetAsideAsync(state, command, prepared!) : await SubmitAsync(state, command, prepared!);
            switch (ran.Submitted?.Refusal?.Code)
            {
                case (RefusalCode.Stale or RefusalCode.Retry or RefusalCode.LeaseVoid or RefusalCode.ValidityPassed or RefusalCode.ClockSkew) and var code:
                    (confirmed, last) = (await ConfirmAsync(state), code);
                    continue;
                case RefusalCode.ClaimTaken when scope.Command is { } used && ran.Submitted.Claims.Contains(used.Key):
                    await services.Reader.CurrentAsync();
                    return await FirstOutcomeAsync(command.Context, scope) ?? ran;
                case RefusalCode.ClaimTaken when command.Taken is { } taken:
                    return ran with { Result = CommandResult.Refused(taken(prepared!.Transaction, ran.Submitted.Claims)) };
                default:
                    return await DefinitelyAsync(state, command, scope, ran);
            }
        }

        return last == RefusalCode.Unknown ? Unknown() : Refused(new Refusal(RefusalCode.Retry, $"Too much changed at the same time ({last}); ask again."));
    }

    /// <summary>The outcome of a command that succeeded before: its first answer, or a conflict when the key came with other content.</summary>
    public async Task<Ran?> FirstOutcomeAsync(CommandContext? context, DecisionScope scope)
    {
        if (context is null || scope.Command is not { } command
            || !(await services.Reader.ClaimsAsync([command.Key])).TryGetValue(command.Key, out var place)
            || await services.Reader.TransactionAtAsync(place) is not { } first)
        {
            return null;
        }

        return first.Transaction.Command == command
            ? new Ran(CommandResult.Done(first.Ordered.Transaction.Hash(), place.Height, place.Position, replayed: true), first.Transaction, null)
            : Refused(new Refusal(RefusalCode.IdempotencyConflict, "This idempotency key was used for another request; use a new one.", "idempotencyKey"));
    }

    /// <summary>
    /// A refusal is given only when no earlier attempt of the same command has succeeded or still may: what refuses this one may be that
    /// one. Who may not do it is not told what came of it.
    /// </summary>
    private async Task<Ran> DefinitelyAsync(AccountState? state, Command command, DecisionScope scope, Ran ran)
    {
        if (ran.Result.Refusal is null or { Code: RefusalCode.Unknown or RefusalCode.Forbidden or RefusalCode.OutOfScope } || scope.Command is not { } key)
        {
            return ran;
        }

        // On the durable head, when what is over no longer counts: an earlier attempt may have ended without anybody being told.
        await ConfirmAsync(state);
        if (state?.IsUnderWay(key) == true)
        {
            return Unknown();
        }

        return await FirstOutcomeAsync(command.Context, scope) ?? ran;
    }

    private static async Task<Refusal?> ReadyAsync(AccountState? state, Command command)
    {
        if (state is null)
        {
            return null;
        }

        if (command.Drains)
        {
            await state.DrainAsync();
        }
        else
        {
            await state.WhenSharedAsync();
        }

        return await state.ReadyAsync();
    }

    private async Task<bool> ConfirmAsync(AccountState? state)
    {
        var head = await services.Reader.CurrentAsync();
        if (state is not null)
        {
            await state.ReadyAsync();
            state.Expire(head);
        }

        return true;
    }

    /// <summary>Decides, and reserves in the same turn: nothing is awaited between the final decision and its reservation.</summary>
    private async ValueTask<(Prepared? Prepared, Refusal? Refusal, ToSign? ToSign, DecisionScope Scope)> DecideAsync(AccountState? state, Command command)
    {
        if (command.Before is { } before && await before() is { } notYet)
        {
            return (null, notYet, null, services.Scope(command.Context));
        }

        // A drained account starts nothing new meanwhile, so what is instructed on it can only shrink after this.
        var flows = command.FlowsOfSubject.IsNone ? command.Flows : await FlowsOfAsync(command.FlowsOfSubject);
        var height = services.Reader.Records.NextHeight;
        var facts = command.Needs is { } needs ? await LoadedFacts.OfAsync(needs, services.Reader) : null;
        if (facts is not null)
        {
            state?.Sync();
        }

        while (true)
        {
            var scope = services.Scope(command.Context);
            if (state is not null && (!state.IsReady || state.IsAlone != command.Drains))
            {
                return (null, new Refusal(RefusalCode.Retry, "The account is being loaded; ask again."), null, scope);
            }

            if (scope.Command is { } key && state?.IsUnderWay(key) == true)
            {
                // An earlier attempt may still be ordered: another beside it would take twice what is wanted once, and have others refused for it.
                return (null, Unknown().Result.Refusal, null, scope);
            }

            var view = new WorkingView(services.Reader.Records, command.Books, flows, facts) { Own = state?.Book is { } book ? (state.Account, book) : null };
            var (outcome, toSign) = DecideOn(view, scope, command);
            if (view.IsWhole)
            {
                return outcome.Value is { } decided
                    ? (Prepare(state, command, decided, BasisOf(decided, view, height, facts)), null, null, scope)
                    : (null, outcome.Refusal, toSign, scope);
            }

            facts ??= new LoadedFacts();
            await facts.LoadAsync(view, services.Reader, services.Identity.ClaimKey);
            state?.Sync();
        }
    }

    private async Task<IReadOnlyDictionary<(Id, LotFlow), long>> FlowsOfAsync(Id disbursement) =>
        (await services.Reader.FindAsync<DisbursementRecord>(RecordKind.Disbursement, disbursement)).Record is { Lot.IsNone: false } record
            ? await services.Reader.FlowsAsync([record.Lot])
            : new Dictionary<(Id, LotFlow), long>();

    /// <summary>What was read for a decision; null where it wrote on something that it had not looked at.</summary>
    private static DecisionBasis? BasisOf(Transaction decided, WorkingView view, ulong height, LoadedFacts? facts) =>
        view.SawBefore(decided.Writes) ? new DecisionBasis(Math.Min(height, facts?.CreditedBelow ?? height), facts?.Credited ?? []) : null;

    private static Prepared Prepare(AccountState? state, Command command, Transaction transaction, DecisionBasis? basis)
    {
        var encoded = TransactionCodec.Encode(transaction);
        var hash = encoded.Hash();
        state?.Reserve(hash, transaction);
        return new Prepared(
            transaction, encoded, hash, state?.Lease,
            command.JudgesHistory && state?.Book is { } book ? new ExpectedEntries(state.Account, book.Entries) : null, basis);
    }

    private (Outcome<Transaction> Outcome, ToSign? ToSign) DecideOn(WorkingView view, DecisionScope scope, Command command)
    {
        // An unsigned request is decided too, so that the answer can say exactly what has to be signed.
        var role = view.Peek<Domain.Organisations.MemberRecord>(RecordKind.Member, scope.Principal).Version;
        var signature = command.Context?.Signature;
        var outcome = command.Decide(scope, view, [new Authorisation(scope.Principal, role, signature ?? default)]);
        if (outcome.Refusal is not null)
        {
            return (outcome, null);
        }

        var toSign = AuthorityChecks.DecisionOf(outcome.Value!, view) is { } decision ? ToSign.Of(decision) : null;
        if (toSign is not null && signature is null)
        {
            return command.Context is { DryRun: true } ? (outcome, toSign) : (new Refusal(RefusalCode.SignatureRequired, "Sign the given typed data with your member key and ask again.", "signature"), toSign);
        }

        return AuthorityChecks.Check(outcome.Value!, view, services.Identity.Domain) is { } refusal ? (refusal, toSign) : (outcome, toSign);
    }

    private async Task<Ran> SubmitAsync(AccountState? state, Command command, Prepared prepared)
    {
        var (transaction, encoded, hash, lease, expected, basis) = prepared;
        var asked = await AskAsync(state, command, transaction, encoded);
        if (asked.Refusal is { } refusal)
        {
            return await NotAllowedAsync(state, prepared, asked.Leases, refusal);
        }

        var leases = LeasesOf(command, prepared, asked.Leases);
        SubmitResult? result;
        try
        {
            result = await services.Gateway.SubmitAsync(Submission.Of(transaction, encoded, leases, expected, command.Bulk, basis));
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            result = null;
        }

        result ??= await ResolveAsync(hash, transaction.ValidUntil, leases);
        if (result is null)
        {
            // The reservations stay until the log shows what became of it.
            return Unknown();
        }

        if (result.Refusal is not { } refused)
        {
            await services.Reader.Follower.FollowAsync(result.Height);
            if (state?.Sync() == false)
            {
                await state.ReadyAsync();
            }

            return new Ran(CommandResult.Done(hash, result.Height, result.Position), transaction, result);
        }

        state?.Drop(hash);
        var isVoid = refused.Code is RefusalCode.LeaseVoid or RefusalCode.Retry;
        if (isVoid && lease is { } used)
        {
            state!.DropLease(used);
        }

        await DropAsync(asked.Leases, hash, isVoid);
        return new Ran(CommandResult.Refused(refused), transaction, result);
    }

    private async Task<Ran> NotAllowedAsync(AccountState? state, Prepared prepared, IReadOnlyList<Lease> asked, Refusal refusal)
    {
        state?.Drop(prepared.Hash);
        await DropAsync(asked, prepared.Hash, isVoid: false);
        return refusal.Code is RefusalCode.Retry or RefusalCode.LeaseVoid
            ? new Ran(CommandResult.Refused(refusal), prepared.Transaction, SubmitResult.Refused(refusal))
            : Refused(refusal);
    }

    private static Lease[] LeasesOf(Command command, Prepared prepared, IReadOnlyList<Lease> asked) =>
        prepared.Lease is { } own ? [own, .. command.Leases, .. asked] : [.. command.Leases, .. asked];

    /// <summary>After a submission without an answer: durable when the log holds the transaction, retry when it never will, null when that stays unknown.</summary>
    internal async Task<SubmitResult?> ResolveAsync(Hash32 hash, long validUntil, Lease[] leases)
    {
        while (services.Now <= validUntil)
        {
            try
            {
                var head = await services.Reader.CurrentAsync();
                if (await services.Reader.PlaceOfAsync(hash) is { } place)
                {
                    return SubmitResult.Durable(place.Height, place.Position);
                }

                if (leases.Length > 0 && leases[0].Epoch != head.Epoch)
                {
                    return SubmitResult.Refused(new Refusal(RefusalCode.Retry, "Another sequencer has taken over; ask again."));
                }
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                // The sequencer is being replaced; its successor will know.
            }

            await Task.Delay(AskAgainAfter, services.Time);
        }

        return null;
    }

    private static Ran Unknown() =>
        Refused(new Refusal(RefusalCode.Unknown, "The outcome is not known yet; ask again with the same idempotency key."));

    private static Ran Refused(Refusal refusal, ToSign? toSign = null) => new(CommandResult.Refused(refusal, toSign), null, null);

    private sealed record Prepared(Transaction Transaction, EncodedTransaction Encoded, Hash32 Hash, Lease? Lease, ExpectedEntries? Expected, DecisionBasis? Basis);
}
