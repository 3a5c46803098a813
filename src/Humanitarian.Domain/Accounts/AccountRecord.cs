namespace Humanitarian.Domain.Accounts;

/// <summary>What an account is for.</summary>
public enum AccountKind
{
    /// <summary>The outside of the ledger for one unit: the only account that goes below zero by issue.</summary>
    World = 1,

    /// <summary>Of a person who is assisted.</summary>
    Beneficiary = 2,

    /// <summary>Of a person who takes part in an exchange.</summary>
    Member = 3,

    /// <summary>A shop's, paid by redemptions.</summary>
    Vendor = 4,

    /// <summary>A donor's.</summary>
    Donor = 5,

    /// <summary>An organisation's own.</summary>
    Organisation = 6,

    /// <summary>Where a program's money waits.</summary>
    ProgramPool = 7,

    /// <summary>What levies, departures and melting leave to a program's community.</summary>
    CommonsFund = 8,

    /// <summary>A financial service provider's, which cash is paid through.</summary>
    Float = 9,

    /// <summary>Where a program's expired value waits for its grants.</summary>
    ReturnQueue = 10,

    /// <summary>A spending limit for a period, such as an agent's day, kept in the shadow unit.</summary>
    Allowance = 11,
}

/// <summary>Whether an account takes part.</summary>
public enum AccountStatus
{
    /// <summary>Receives and spends.</summary>
    Open = 1,

    /// <summary>Receives but does not spend.</summary>
    Frozen = 2,

    /// <summary>Neither receives nor spends; its balance is zero.</summary>
    Closed = 3,
}

/// <summary>An account's record. Balances are not in it: they follow from postings.</summary>
/// <param name="Program">The program of a pool, a return queue or an allowance, or the one that a member's account or a fund takes part in; none for others.</param>
/// <param name="FloorMinor">The lowest balance, in minor units: zero, or a credit or allowance limit as a negative number.</param>
/// <param name="CeilingMinor">The highest balance, or <see cref="long.MaxValue"/>; where it is set the payee is asked.</param>
/// <param name="Tags">Short labels of the owner's, never about a person.</param>
public sealed record AccountRecord(
    Id Id, Id Organisation, AccountKind AccountKind, AccountStatus Status, Id Program, long FloorMinor, long CeilingMinor, IReadOnlyList<string> Tags)
    : Record(Id)
{
    public override RecordKind Kind => RecordKind.Account;
    public override Id Parent => Organisation;
    public override bool NamesPerson => AccountKind is AccountKind.Beneficiary or AccountKind.Member;

    /// <summary>True for a taker-part in one program, under whose terms alone its units without lots move.</summary>
    public bool IsOfProgram =>
        !Program.IsNone && AccountKind is AccountKind.Member or AccountKind.Organisation or AccountKind.CommonsFund;

    /// <summary>True when a credit needs the account's own word: it has a ceiling.</summary>
    public bool MustBeAsked => CeilingMinor != long.MaxValue;

    /// <summary>A new open account of an organisation, without limits.</summary>
    public static AccountRecord Open(Id id, Id organisation, AccountKind kind, Id program = default) =>
        new(id, organisation, kind, AccountStatus.Open, program, kind == AccountKind.World ? long.MinValue : 0, long.MaxValue, []);
}
