using Humanitarian.Domain.Ledgers;

namespace Humanitarian.Domain.Programs;

/// <summary>
/// One clause of a contract: a pure function with two faces. <see cref="Decide"/> chooses before a movement is recorded;
/// <see cref="Check"/> is a predicate on the recorded choice, asked again by everyone who replays the chain. A new rule is a new file.
/// </summary>
public abstract record Rule
{
    /// <summary>Refuses parameters that make no sense, when terms are written.</summary>
    public virtual Refusal? Validate() => null;

    /// <summary>Adds the rule's own choices, such as a levy or an expiry.</summary>
    public virtual Movement Decide(Movement movement, ILedgerView view) => movement;

    /// <summary>Why the movement may not be, or null.</summary>
    public virtual Refusal? Check(Movement movement, ILedgerView view) => null;

    /// <summary>Like <see cref="Check"/>, of claims that others took before and that were inherited from them.</summary>
    public virtual Refusal? CheckInherited(Movement movement, ILedgerView view, ClaimKey key) => null;

    /// <summary>What the movement uses up for ever.</summary>
    public virtual IEnumerable<Claim> Claims(Movement movement, ClaimKey key) => [];
}
