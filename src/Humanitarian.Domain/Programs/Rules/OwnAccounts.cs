using Humanitarian.Domain.Accounts;

namespace Humanitarian.Domain.Programs.Rules;

/// <summary>What rules about units without lots share: only accounts of the program itself hold them.</summary>
internal static class OwnAccounts
{
    public static Refusal? Check(Movement movement) =>
        Of(movement, movement.Payer) && Of(movement, movement.Payee)
            ? null
            : new Refusal(RefusalCode.AccountNotOfProgram, "Only accounts of the program take part in it.", "account");

    private static bool Of(Movement movement, AccountRecord? account) =>
        account is null || (account.IsOfProgram && account.Program == movement.Program.Id);
}
