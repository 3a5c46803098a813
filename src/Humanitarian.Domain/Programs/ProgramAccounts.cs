using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Programs.Rules;

namespace Humanitarian.Domain.Programs;

/// <summary>What a program's terms say about the accounts that take part in it.</summary>
internal static class ProgramAccounts
{
    /// <summary>True for an account that may be one of its program's.</summary>
    public static bool FitsProgram(this AccountRecord account, ILedgerView view) =>
        view.Program(account.Program) is { } program && program.Organisation == account.Organisation
        && account.FloorMinor >= -CreditLimit.LargestMinor
        && (account.AccountKind == AccountKind.CommonsFund) == (account.Id == CommonsFund.IdOf(program.Id));

    /// <summary>True when the account's credit is one that the terms leave to a registrar.</summary>
    public static bool IsWithinTerms(this AccountRecord account, ILedgerView view) =>
        account.IsOfProgram && view.Program(account.Program) is { } program
        && TermsJson.Of(program).Rules.OfType<CreditLimit>().Any(limit => account.FloorMinor >= -limit.MaximumMinor);
}
