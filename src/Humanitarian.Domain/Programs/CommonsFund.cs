using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Ledgers;

namespace Humanitarian.Domain.Programs;

/// <summary>The account of a program in which its members' levies, melting and departures come together.</summary>
public static class CommonsFund
{
    /// <summary>The id of a program's fund.</summary>
    public static Id IdOf(Id program) => new(program.High ^ 0xF000_0000_0000_0000UL, unchecked(program.Low + 0x9E37_79B9_7F4A_7C15UL));

    /// <summary>A program's fund, or null before it is opened.</summary>
    public static AccountRecord? Of(ProgramRecord program, ILedgerView view) =>
        view.Account(IdOf(program.Id)) is { AccountKind: AccountKind.CommonsFund } fund && fund.Program == program.Id ? fund : null;

    /// <summary>The refusal where a rule needs a fund that nobody has opened.</summary>
    public static Refusal Missing() => new(RefusalCode.AccountUnknown, "The program has no commons fund yet; its administrator opens one.", "program");
}
