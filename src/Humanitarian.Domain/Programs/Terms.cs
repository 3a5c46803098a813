using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Programs;

/// <summary>A program's contract as data: where its units come from, who may do what with them. Versioned, hashed, on the ledger.</summary>
/// <param name="Preset">The preset it was made from, for people; rules decide, not this name.</param>
public sealed record Terms(string Preset, IReadOnlyList<Rule> Rules)
{
    /// <summary>The first rule of a type, or null.</summary>
    public T? Find<T>()
        where T : Rule
    {
        // Asked at every movement: no enumerator.
        for (var index = 0; index < Rules.Count; index++)
        {
            if (Rules[index] is T found)
            {
                return found;
            }
        }

        return null;
    }

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
        for (var index = 0; index < Rules.Count; index++)
        {
            movement = Rules[index].Decide(movement, view);
        }

        return Check(movement, view) is { } refusal ? refusal : movement;
    }

    /// <summary>The first rule's refusal of a movement as chosen, or null. What rules add is no choice: it follows from the movement.</summary>
    public Refusal? Check(Movement movement, Ledgers.ILedgerView view)
    {
        var added = movement.Legs.Count == 0 ? movement : movement with { Legs = [] };
        for (var index = 0; index < Rules.Count; index++)
        {
            added = Rules[index].Decide(added, view);
        }

        if (added.Legs.Count + movement.Legs.Count > 0 && !movement.Legs.SequenceEqual(added.Legs))
        {
            return Checks.Broken("What rules add to a movement is not what these add.");
        }

        for (var index = 0; index < Rules.Count; index++)
        {
            if (Rules[index].Check(movement, view) is { } refusal)
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
