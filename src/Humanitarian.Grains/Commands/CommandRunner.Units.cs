using Humanitarian.Domain;
using Humanitarian.Grains.Accounts;
using Humanitarian.Grains.Sequencing;

namespace Humanitarian.Grains.Commands;

/// <content>Commands that are done together with others, or not at all.</content>
internal sealed partial class CommandRunner
{
    /// <summary>Asks whoever a submission would ask and keeps all that is reserved, for the unit to submit or to drop.</summary>
    private async Task<Ran> SetAsideAsync(AccountState? state, Command command, Prepared prepared)
    {
        var (transaction, encoded, hash, _, expected, basis) = prepared;
        var asked = await AskAsync(state, command, transaction, encoded);
        if (asked.Refusal is { } refusal)
        {
            return await NotAllowedAsync(state, prepared, asked.Leases, refusal);
        }

        Claim[] once = [.. transaction.Claims.Except(transaction.Reopens)];
        if (once.Length > 0)
        {
            // The one that could say what a taken claim means is this command, not the unit.
            await services.Reader.CurrentAsync();
            if ((await services.Reader.ClaimsAsync(once)).Keys.ToArray() is { Length: > 0 } taken)
            {
                return await NotAllowedAsync(
                    state, prepared, asked.Leases,
                    command.Taken?.Invoke(transaction, taken) ?? new Refusal(RefusalCode.ClaimTaken, "What may happen once has happened.", null));
            }
        }

        var submission = Submission.Of(transaction, encoded, LeasesOf(command, prepared, asked.Leases), expected, command.Bulk, basis);
        return new Ran(CommandResult.WouldBeDone() with { SetAside = submission }, transaction, null);
    }

    /// <summary>What drains an account would wait for what its own unit has reserved there.</summary>
    private static Ran NotInUnit() =>
        Refused(new Refusal(RefusalCode.NotInUnit, "This is done by itself, not together with others: send it apart."));
}
