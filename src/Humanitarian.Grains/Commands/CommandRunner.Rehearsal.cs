using Humanitarian.Domain;
using Humanitarian.Domain.Transactions;
using Humanitarian.Grains.Accounts;

namespace Humanitarian.Grains.Commands;

/// <content>Commands that only want to know what would come of them.</content>
internal sealed partial class CommandRunner
{
    /// <summary>Asks whoever a submission would ask, looks whether its claims are taken, and gives everything back.</summary>
    private async Task<Ran> RehearseAsync(AccountState? state, Command command, Prepared prepared, DecisionScope scope)
    {
        var asked = await AskAsync(state, command, prepared.Transaction, prepared.Encoded);
        state?.Drop(prepared.Hash);
        await DropAsync(asked.Leases, prepared.Hash, isVoid: false);
        if (await FirstOutcomeAsync(command.Context, scope) is { } first)
        {
            return first;
        }

        var taken = await services.Reader.ClaimsAsync(prepared.Transaction.Claims);
        return asked.Refusal is { } refusal ? Refused(refusal)
            : taken.Count == 0 ? new Ran(CommandResult.WouldBeDone(), prepared.Transaction, null)
            : Refused(command.Taken?.Invoke(prepared.Transaction, [.. taken.Keys]) ?? new Refusal(RefusalCode.ClaimTaken, "What may happen once has happened.", null));
    }
}
