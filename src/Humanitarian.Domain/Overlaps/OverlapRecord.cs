using System.Security.Cryptography;
using Humanitarian.Domain.Cash;

namespace Humanitarian.Domain.Overlaps;

/// <summary>What an organisation says of a suspicion.</summary>
public enum OverlapOpinion
{
    /// <summary>Nothing yet.</summary>
    None = 0,

    /// <summary>Both records are one household.</summary>
    Same = 1,

    /// <summary>They are two households.</summary>
    Different = 2,

    /// <summary>It cannot tell.</summary>
    Unsure = 3,
}

/// <summary>Where a suspicion stands at a moment.</summary>
public enum OverlapState
{
    /// <summary>The organisations have not agreed yet, and have time.</summary>
    Open = 1,

    /// <summary>Both say: one household. Assistance by either counts for both.</summary>
    Same = 2,

    /// <summary>Both say: two households.</summary>
    Different = 3,

    /// <summary>They have not agreed in time. Both are paid, until they agree after all.</summary>
    Undecided = 4,
}

/// <summary>One organisation's side of a suspicion.</summary>
/// <param name="Reason">Why it says so, as a code; empty where none is asked for.</param>
/// <param name="NamesItself">True when the other side may be told which organisation this is.</param>
public sealed record OverlapSide(Id Organisation, Id Household, OverlapOpinion Opinion, string Reason, Id DecidedBy, bool NamesItself);

/// <summary>
/// A suspicion that households of two organisations are one. It names nobody: the identifiers that led to it stay in the matching store.
/// Both organisations decide; until then, or until the time is over, a strong one holds payments back.
/// </summary>
/// <param name="Raiser">The side whose registrar asked.</param>
/// <param name="IsStrong">True when it rests on more than one telephone number or address: only then does it hold payments back.</param>
/// <param name="RaisedAt">Unix milliseconds.</param>
/// <param name="DecideUntil">Unix milliseconds; who has not agreed by then is undecided.</param>
/// <param name="AppealedBy">The organisation that appealed; none before. There is one appeal.</param>
/// <param name="AppealReason">Why it appealed, as a code; empty before.</param>
public sealed record OverlapRecord(
    Id Id, OverlapSide Raiser, OverlapSide Other, bool IsStrong, long RaisedAt, long DecideUntil, Id AppealedBy, string AppealReason) : Record(Id)
{
    /// <summary>Longest time to decide: aid does not wait longer for a suspicion.</summary>
    public const long MaximumMilliseconds = 14L * 24 * 60 * 60 * 1000;

    public override RecordKind Kind => RecordKind.Overlap;
    public override bool NamesPerson => true;

    /// <summary>The id of two households' suspicion, whoever raises it: a pair is suspected once.</summary>
    public static Id IdOf(Id household, Id other)
    {
        var (first, second) = household.CompareTo(other) < 0 ? (household, other) : (other, household);
        return Id.FromBytes(SHA256.HashData([.. "overlap"u8, .. first.ToBytes(), .. second.ToBytes()]));
    }

    /// <summary>Where it stands at a moment in Unix milliseconds.</summary>
    public OverlapState StateAt(long at) => (Raiser.Opinion, Other.Opinion) switch
    {
        (OverlapOpinion.Same, OverlapOpinion.Same) => OverlapState.Same,
        (OverlapOpinion.Different, OverlapOpinion.Different) => OverlapState.Different,
        _ => at < DecideUntil ? OverlapState.Open : OverlapState.Undecided,
    };

    /// <summary>True when both called it one household.</summary>
    public bool IsConfirmed => (Raiser.Opinion, Other.Opinion) == (OverlapOpinion.Same, OverlapOpinion.Same);

    /// <summary>True when the other side calls it two households and the raiser does not insist: its silence defends nothing.</summary>
    public bool IsRefuted => Other.Opinion == OverlapOpinion.Different && Raiser.Opinion != OverlapOpinion.Same;

    /// <summary>True when a payment to either household waits for the decision.</summary>
    public bool HoldsAt(long at) => IsStrong && StateAt(at) == OverlapState.Open;

    /// <summary>The side of an organisation; null for one that has no part in it.</summary>
    public OverlapSide? SideOf(Id organisation) => Raiser.Organisation == organisation ? Raiser : Other.Organisation == organisation ? Other : null;

    /// <summary>The household on the other side of one.</summary>
    public Id Opposite(Id household) => Raiser.Household == household ? Other.Household : Raiser.Household;

    /// <summary>True when an organisation that says so must say why: it overrides strong evidence, or its own earlier word.</summary>
    public bool NeedsReason(OverlapSide side, OverlapOpinion opinion) =>
        (IsStrong && opinion == OverlapOpinion.Different) || (side.Opinion != OverlapOpinion.None && side.Opinion != opinion);

    internal static bool IsReason(string reason) => CashLineRecord.IsReason(reason);

    internal OverlapRecord Decided(OverlapSide side, OverlapOpinion opinion, string reason, Id by, bool namesItself)
    {
        var decided = side with { Opinion = opinion, Reason = reason, DecidedBy = by, NamesItself = namesItself };
        return side == Raiser ? this with { Raiser = decided } : this with { Other = decided };
    }

    /// <summary>Both decide again.</summary>
    internal OverlapRecord Appealed(Id organisation, string reason, long until)
    {
        static OverlapSide Again(OverlapSide side) => side with { Opinion = OverlapOpinion.None, Reason = "", DecidedBy = Id.None };
        return this with { Raiser = Again(Raiser), Other = Again(Other), DecideUntil = until, AppealedBy = organisation, AppealReason = reason };
    }
}

/// <summary>The suspicions that a household is part of.</summary>
/// <param name="Id">The household's.</param>
public sealed record OverlapMarkRecord(Id Id, Id Organisation, IReadOnlyList<Id> Overlaps) : Record(Id)
{
    /// <summary>Most suspicions of a household.</summary>
    public const int MaximumOverlaps = 16;

    public override RecordKind Kind => RecordKind.OverlapMark;
    public override Id Parent => Organisation;
    public override bool NamesPerson => true;
}

/// <summary>What became of the suspicions that an organisation raised. Too many refuted ones end its matching.</summary>
/// <param name="Id">The organisation's.</param>
/// <param name="Confirmed">Both called them the same.</param>
/// <param name="Refuted">The other side called them different, and this one did not insist.</param>
public sealed record MatchingTallyRecord(Id Id, int Confirmed, int Refuted) : Record(Id)
{
    /// <summary>Fewer refuted ones end nothing: everybody errs at first.</summary>
    public const int MinimumRefuted = 20;

    public override RecordKind Kind => RecordKind.MatchingTally;
    public override bool NamesPerson => true;

    /// <summary>True when more than half of what was decided was refuted, and not just a few.</summary>
    public bool HasEnded => Refuted >= MinimumRefuted && Refuted > Confirmed;

    /// <summary>With a suspicion decided, or decided otherwise.</summary>
    internal MatchingTallyRecord After(OverlapRecord before, OverlapRecord next) => this with
    {
        Confirmed = Confirmed + Change(before.IsConfirmed, next.IsConfirmed), Refuted = Refuted + Change(before.IsRefuted, next.IsRefuted),
    };

    private static int Change(bool before, bool next) => (next ? 1 : 0) - (before ? 1 : 0);
}
