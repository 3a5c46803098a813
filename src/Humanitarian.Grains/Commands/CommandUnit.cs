using Humanitarian.Domain;
using Humanitarian.Grains.Sequencing;

namespace Humanitarian.Grains.Commands;

/// <summary>A command of a unit.</summary>
/// <param name="Context">Who asks; its content binds the key to the whole unit. Null for one that was refused before it became a command.</param>
/// <param name="Run">Decides and reserves it, or refuses; called again when too much has changed.</param>
public sealed record UnitPart(CommandContext? Context, Func<CommandContext?, Task<CommandResult>> Run);

/// <summary>
/// Commands that are done all together or not at all. Each is decided and reserved by its own grain, as ever; their transactions travel to the sequencer as
/// one, which takes all of them into one block or none. So nothing is ever half done, whenever a process dies: what was reserved and never submitted ends
/// with its validity. Each is judged by what stands before the unit: none sees what another does.
/// </summary>
internal sealed class CommandUnit(LedgerServices services)
{
    private const int MaximumAttempts = 12;

    // As many as one request does at once otherwise: what a part needs, such as comparing a PIN, has few places for all.
    private const int AtOnce = 16;

    // One may wait for an account that waits for what another of the same unit has reserved.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private static Refusal NotDone { get; } = new(RefusalCode.NotDone, "Another one was refused, so that nothing is done by this. Mend that and send all again.");

    private static Refusal Unknown { get; } = new(RefusalCode.Unknown, "The outcome is not known yet; ask again with the same idempotency keys.");

    /// <summary>How each ended, in their order: all done, or those that stand in the way refused and the others NOT_DONE.</summary>
    public async Task<CommandResult[]> RunAsync(IReadOnlyList<UnitPart> parts)
    {
        for (var attempt = 0; attempt < MaximumAttempts; attempt++)
        {
            if (await FirstOutcomesAsync(parts) is { } first)
            {
                return first;
            }

            if (await SetAsideAsync(parts) is { } prepared && await EndAsync(parts, prepared) is { } ended)
            {
                return ended;
            }

            await services.Reader.CurrentAsync();
        }

        return Refused(parts, new Refusal(RefusalCode.Retry, "Too much changed at the same time; ask again."));
    }

    /// <summary>What became of an earlier sending; null when nothing with any of these keys has succeeded.</summary>
    private async Task<CommandResult[]?> FirstOutcomesAsync(IReadOnlyList<UnitPart> parts)
    {
        if (parts.Any(part => part.Context is null))
        {
            // What the keys are bound to is not known whole.
            return null;
        }

        var runner = new CommandRunner(services);
        var found = new Ran?[parts.Count];
        for (var index = 0; index < found.Length; index++)
        {
            found[index] = await runner.FirstOutcomeAsync(parts[index].Context, services.Scope(parts[index].Context));
        }

        return Array.TrueForAll(found, one => one is null) ? null : Array.ConvertAll(found, one => one?.Result ?? CommandResult.Refused(NotDone));
    }

    /// <summary>Decides all; null when one took so long that the others gave up what they had reserved.</summary>
    private async Task<CommandResult[]?> SetAsideAsync(IReadOnlyList<UnitPart> parts)
    {
        using var places = new SemaphoreSlim(AtOnce);
        var running = parts.Select(async part =>
        {
            await places.WaitAsync();
            try
            {
                return await part.Run(part.Context);
            }
            finally
            {
                places.Release();
            }
        }).ToArray();
        var all = Task.WhenAll(running);
        await ((Task)all.WaitAsync(Patience, services.Time)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        if (all.IsCompletedSuccessfully)
        {
            return await all;
        }

        var early = running.Where(one => one.IsCompletedSuccessfully).ToArray();
        await DropAsync(await Task.WhenAll(early), null);
        await ((Task)all).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        await DropAsync(await Task.WhenAll(running.Except(early).Where(one => one.IsCompletedSuccessfully)), null);
        return all.IsFaulted ? await all : null;
    }

    /// <summary>Submits what is decided, or drops it where one was refused; null when all is to be decided again.</summary>
    private async Task<CommandResult[]?> EndAsync(IReadOnlyList<UnitPart> parts, CommandResult[] prepared)
    {
        if (Array.Exists(prepared, one => one.SetAside is null))
        {
            await DropAsync(prepared, null);

            // One that had succeeded before did so with all the others.
            return Array.Exists(prepared, one => one.Replayed) ? null : Explained(prepared);
        }

        if (parts.Any(part => part.Context is { DryRun: true }))
        {
            await DropAsync(prepared, null);
            return Array.ConvertAll(prepared, _ => CommandResult.WouldBeDone());
        }

        var unit = Array.ConvertAll(prepared, one => one.SetAside!);
        if (await SubmitAsync(unit) is not { } results)
        {
            // The reservations stay until the log shows what became of it.
            return Refused(parts, Unknown);
        }

        if (Array.TrueForAll(results, one => one.Refusal is null))
        {
            await services.Reader.Follower.FollowAsync(results[0].Height);
            return [.. results.Select((one, index) => CommandResult.Done(unit[index].Encoded.Hash(), one.Height, one.Position))];
        }

        await DropAsync(prepared, Array.ConvertAll(results, one => one.Refusal?.Code is RefusalCode.LeaseVoid or RefusalCode.Retry));
        return Array.Exists(results, one => DecidesAgain(one.Refusal?.Code)) ? null : Explained(Array.ConvertAll(results, one => CommandResult.Refused(one.Refusal!)));
    }

    private async Task<SubmitResult[]?> SubmitAsync(Submission[] unit)
    {
        try
        {
            return await services.Gateway.SubmitUnitAsync(unit);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            // Where the first stands, all stand, one after the other.
            var first = await new CommandRunner(services).ResolveAsync(
                unit[0].Encoded.Hash(), unit.Max(one => one.Transaction.ValidUntil), [.. unit.SelectMany(one => one.Leases)]);
            return first is null ? null : [.. unit.Select((_, index) => first.Refusal is null ? SubmitResult.Durable(first.Height, first.Position + index) : first)];
        }
    }

    /// <param name="isVoid">Whether the leases of each are void; null for none.</param>
    private async Task DropAsync(CommandResult[] prepared, bool[]? isVoid)
    {
        for (var index = 0; index < prepared.Length; index++)
        {
            if (prepared[index].SetAside is not { } submission)
            {
                continue;
            }

            foreach (var lease in submission.Leases)
            {
                try
                {
                    await services.Asked.DropAsync(lease, submission.Encoded.Hash(), isVoid?[index] == true);
                }
                catch (Exception fault) when (fault is not OperationCanceledException)
                {
                    // What it reserved ends with its validity.
                }
            }
        }
    }

    private static bool DecidesAgain(string? code) =>
        code is RefusalCode.Stale or RefusalCode.Retry or RefusalCode.LeaseVoid or RefusalCode.ValidityPassed or RefusalCode.ClockSkew or RefusalCode.ClaimTaken;

    /// <summary>The refusals, and of the others that nothing was done, or that it is not known while an earlier sending may still be.</summary>
    private static CommandResult[] Explained(CommandResult[] results)
    {
        var others = Array.Exists(results, one => one.Refusal?.Code == RefusalCode.Unknown) ? Unknown : NotDone;
        return Array.ConvertAll(results, one => one.Refusal is null ? CommandResult.Refused(others) : one);
    }

    private static CommandResult[] Refused(IReadOnlyList<UnitPart> parts, Refusal refusal) => [.. parts.Select(_ => CommandResult.Refused(refusal))];
}
