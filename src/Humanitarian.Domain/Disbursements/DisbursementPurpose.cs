namespace Humanitarian.Domain.Disbursements;

/// <summary>
/// What a disbursement is to the entitlement of its period; part of its canonical encoding, so values are never reused. All but the
/// first kind may come on top of what was paid for the period, and are bounded by the sum of it all.
/// </summary>
public enum DisbursementPurpose
{
    /// <summary>The assistance of the period, paid once.</summary>
    Regular = 1,

    /// <summary>The difference to a value that was revised upwards, after the first payment.</summary>
    TopUp = 40,

    /// <summary>One of several payments that make up the period's assistance.</summary>
    Instalment = 41,

    /// <summary>Assistance for a period that is over.</summary>
    Retroactive = 42,
}
