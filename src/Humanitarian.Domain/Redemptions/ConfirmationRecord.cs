using Orleans;

namespace Humanitarian.Domain.Redemptions;

/// <summary>How a beneficiary confirms a redemption.</summary>
public enum ConfirmationMethod
{
    /// <summary>A PIN, which the server has compared: a verifier sees that it says so.</summary>
    Pin = 1,

    /// <summary>A card's signature over the redemption: a verifier checks it.</summary>
    Card = 2,
}

/// <summary>A beneficiary's word for a redemption, as a till brings it.</summary>
/// <param name="Challenge">What a card answers, once; none for a PIN.</param>
/// <param name="Until">Unix milliseconds at which the challenge ends; 0 for a PIN.</param>
/// <param name="Signature">The card's.</param>
[GenerateSerializer, Immutable, Alias("Confirmation")]
public sealed record Confirmation(
    [property: Orleans.Id(0)] ConfirmationMethod Method,
    [property: Orleans.Id(1)] Id Challenge,
    [property: Orleans.Id(2)] long Until,
    [property: Orleans.Id(3)] Signature Signature)
{
    public static Confirmation ByPin { get; } = new(ConfirmationMethod.Pin, Id.None, 0, default);

    /// <summary>Account of the alternate who has come for the payer and whose PIN or card it is; none for the payer's own.</summary>
    [Orleans.Id(4)]
    public Id Collector { get; init; }
}

/// <summary>The last redemption that a person confirmed in a program, for themselves or as an alternate, and what their PIN alone has paid on its day.</summary>
/// <param name="Account">Account of who confirmed, whoever paid.</param>
/// <param name="Day">UTC day, counted from 1970.</param>
/// <param name="PinMinor">Minor units redeemed by PIN on that day.</param>
/// <param name="Challenge">See <see cref="Confirmation"/>.</param>
/// <param name="Until">Unix milliseconds.</param>
public sealed record ConfirmationRecord(
    Id Id, Id Program, Id Account, ConfirmationMethod Method, long Day, long PinMinor, Id Challenge, long Until, Signature Signature) : Record(Id)
{
    public override RecordKind Kind => RecordKind.Confirmation;
    public override Id Parent => Program;
    public override bool NamesPerson => true;

    internal Confirmation Given => new(Method, Challenge, Until, Signature);

    /// <summary>The id of an account's confirmations in a program: the account's, offset by the program's.</summary>
    public static Id IdOf(Id program, Id account) => new(program.High ^ account.High, unchecked(program.Low + account.Low));
}
