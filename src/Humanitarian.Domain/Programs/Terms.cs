using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Programs;

/// <summary>A program's contract as data: where its units come from, who may do what with them. Versioned, hashed, on the ledger.</summary>
/// <param name="Preset">The preset it was made from, for people; rules decide, not this name.</param>
public sealed record Terms(string Preset, IReadOnlyList<Rule> Rules)
{
    /// <summary>Refuses terms whose rules' own parameters make no sense.</summary>
    public Refusal? Validate()
    {
        foreach (var rule in Rules)
        {
            if (rule.Validate() is { } refusal)
            {
                return refusal;
            }
        }

        return null;
    }

    /// <summary>Lets every rule add its choices to a movement, in order, then asks every rule.</summary>
    public Outcome<Movement> Decide(Movement movement, Ledgers.ILedgerView view)
    {
        foreach (var rule in Rules)
        {
            movement = rule.Decide(movement, view);
        }

        return Check(movement, view) is { } refusal ? refusal : movement;
    }

    /// <summary>The first rule's refusal of a movement as chosen, or null. What rules add is no choice: it follows from the movement.</summary>
    public Refusal? Check(Movement movement, Ledgers.ILedgerView view)
    {
        var added = movement.Legs.Count == 0 ? movement : movement with { Legs = [] };
        foreach (var rule in Rules)
        {
            added = rule.Decide(added, view);
        }

        if (added.Legs.Count + movement.Legs.Count > 0 && !movement.Legs.SequenceEqual(added.Legs))
        {
            return Checks.Broken("What rules add to a movement is not what these add.");
        }

        foreach (var rule in Rules)
        {
            if (rule.Check(movement, view) is { } refusal)
            {
                return refusal;
            }
        }

        return null;
    }

    /// <summary>The first rule's refusal of what was had before, by those whose claims are inherited, or null.</summary>
    public Refusal? CheckInherited(Movement movement, Ledgers.ILedgerView view, ClaimKey key)
    {
        foreach (var rule in Rules)
        {
            if (rule.CheckInherited(movement, view, key) is { } refusal)
            {
                return refusal;
            }
        }

        return null;
    }

    /// <summary>Everything that the rules let happen only once, in the order of the rules.</summary>
    public IEnumerable<Claim> Claims(Movement movement, ClaimKey key) => Rules.SelectMany(rule => rule.Claims(movement, key));
}
