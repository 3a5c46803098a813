using Humanitarian.Domain;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs;

namespace Humanitarian.Chain.Canonical;

/// <summary>Canonical encoding of who may do what and what is stopped, for <see cref="RecordCodec"/>.</summary>
internal static class PeopleRecordCodec
{
    /// <summary>First byte, instead of its kind, of a program that is stopped somewhere or has a waiver; no record kind has it.</summary>
    public const byte GovernedProgram = 50;

    /// <summary>First byte, instead of its kind, of a program for which terms are proposed; no record kind has it.</summary>
    public const byte AmendedProgram = 56;

    /// <summary>First byte, instead of its kind, of a member whose roles are limited or who acts for others; no record kind has it.</summary>
    public const byte LimitedMember = 51;

    public static bool IsGoverned(ProgramRecord program) => program.Stops.Count > 0 || program.Waiver is not null;

    /// <summary>What follows a governed program's own fields; nothing for another.</summary>
    public static void WriteGovernance(CanonicalWriter w, ProgramRecord program)
    {
        if (!IsGoverned(program) && program.Amendment is null)
        {
            return;
        }

        w.List(program.Stops, static (w, stop) =>
        {
            w.Text(stop.Area);
            w.Id(stop.VendorAccount);
            w.Byte((byte)stop.Reason);
            w.Id(stop.StoppedBy);
            w.Number(stop.OnDay);
            w.Id(stop.ResumeAskedBy);
        });
        w.Flag(program.Waiver is not null);
        if (program.Waiver is { } waiver)
        {
            w.Text(waiver.Reason);
            w.Number(waiver.From);
            w.Number(waiver.Until);
            w.List(waiver.Members, static (w, member) => w.Id(member));
            w.Number(waiver.Threshold);
            w.List(waiver.ApprovedBy, static (w, member) => w.Id(member));
        }

        if (program.Amendment is { } amendment)
        {
            w.Text(amendment.Terms);
            w.Number(amendment.FromTime);
            w.Number(amendment.FromHeight);
            w.Id(amendment.ProposedBy);
            w.Id(amendment.ApprovedBy);
        }
    }

    /// <exception cref="EncodingException">There is nothing to govern, which has no form of its own.</exception>
    public static ProgramRecord WithGovernance(ProgramRecord program, bool amended, ref CanonicalReader r)
    {
        var governed = program with
        {
            Stops = r.List(static (ref CanonicalReader r) => new ProgramStop(r.Text(), r.Id(), RecordCodec.Enum<StopReason>(ref r), r.Id(), r.Long(), r.Id())),
            Waiver = r.Flag()
                ? new SeparationWaiver(
                    r.Text(), r.Long(), r.Long(), r.List(static (ref CanonicalReader r) => r.Id()), r.Int(), r.List(static (ref CanonicalReader r) => r.Id()))
                : null,
            Amendment = amended ? new TermsAmendment(r.Text(), r.Long(), r.Number(), r.Id(), r.Id()) : null,
        };
        return amended || IsGoverned(governed) ? governed : throw new EncodingException("A program without stops and waiver has none to write.");
    }

    public static bool IsLimited(MemberRecord member) => member.Scope is not null || member.Acting.Count > 0 || member.Emergency is not null;

    /// <summary>What follows a limited member's own fields; nothing for another.</summary>
    public static void WriteLimits(CanonicalWriter w, MemberRecord member)
    {
        if (!IsLimited(member))
        {
            return;
        }

        WriteScope(w, member.Scope);
        w.List(member.Acting, static (w, acting) =>
        {
            w.Number((long)acting.Roles);
            w.Id(acting.For);
            w.Number(acting.From);
            w.Number(acting.Until);
            w.Id(acting.AppointedBy);
        });
        w.Flag(member.Emergency is not null);
        if (member.Emergency is { } held)
        {
            w.Id(held.Emergency);
            w.Number((long)held.Roles);
            w.Id(held.Program);
            w.Id(held.Subject);
            w.Number(held.CapMinor);
            w.Number(held.Until);
        }
    }

    /// <exception cref="EncodingException">Nothing is limited, which has no form of its own.</exception>
    public static MemberRecord WithLimits(MemberRecord member, ref CanonicalReader r)
    {
        var limited = member with
        {
            Scope = ReadScope(ref r),
            Acting = r.List(static (ref CanonicalReader r) => new ActingRole((Roles)r.Int(), r.Id(), r.Long(), r.Long(), r.Id())),
            Emergency = r.Flag() ? new EmergencyRole(r.Id(), (Roles)r.Int(), r.Id(), r.Id(), r.Long(), r.Long()) : null,
        };
        return IsLimited(limited) ? limited : throw new EncodingException("A member without limits has none to write.");
    }

    /// <summary>Writes the fields; false for a record of another feature.</summary>
    public static bool TryWrite(CanonicalWriter w, Record record)
    {
        switch (record)
        {
            case InvitationRecord r:
                w.Id(r.Id);
                w.Id(r.Organisation);
                w.Number((long)r.Roles);
                WriteScope(w, r.Scope);
                w.Number(r.ExpiresAt);
                w.Hash(r.CodeHash);
                w.Byte((byte)r.State);
                w.Hash(r.Code);
                w.Id(r.InvitedBy);
                return true;
            case EmergencyRecord r:
                w.Id(r.Id);
                w.Id(r.Organisation);
                w.Id(r.Member);
                w.Number((long)r.Roles);
                w.Id(r.Program);
                w.Id(r.Subject);
                w.Number(r.CapMinor);
                w.Number(r.Until);
                w.Text(r.Reason);
                w.Id(r.ReviewedBy);
                w.Flag(r.Justified);
                w.Text(r.Review);
                return true;
            case ScreeningRecord r:
                w.Id(r.Id);
                w.Id(r.Organisation);
                w.Id(r.Subject);
                w.Text(r.List);
                w.Number(r.OnDay);
                w.Byte((byte)r.Outcome);
                w.Number(r.ValidUntil);
                w.Id(r.ScreenedBy);
                w.Flag(r.OfMember);
                return true;
            case GuidanceRecord r:
                w.Id(r.Id);
                w.Id(r.Organisation);
                w.Text(r.AssistanceKind);
                w.Text(r.Unit);
                w.Byte((byte)r.Period);
                w.Number(r.FromDay);
                w.Number(r.UntilDay);
                w.List(r.Values, static (w, value) =>
                {
                    w.Number(value.Persons);
                    w.Number(value.AmountMinor);
                });
                return true;
            default:
                return false;
        }
    }

    /// <summary>Reads the fields; null for a kind of another feature.</summary>
    public static Record? Read(RecordKind kind, ref CanonicalReader r) => kind switch
    {
        RecordKind.Invitation => new InvitationRecord(
            r.Id(), r.Id(), (Roles)r.Int(), ReadScope(ref r), r.Long(), r.Hash(), RecordCodec.Enum<InvitationState>(ref r), r.Hash(), r.Id()),
        RecordKind.Emergency => new EmergencyRecord(
            r.Id(), r.Id(), r.Id(), (Roles)r.Int(), r.Id(), r.Id(), r.Long(), r.Long(), r.Text(), r.Id(), r.Flag(), r.Text()),
        RecordKind.Screening => new ScreeningRecord(
            r.Id(), r.Id(), r.Id(), r.Text(), r.Long(), RecordCodec.Enum<ScreeningOutcome>(ref r), r.Long(), r.Id())
        {
            OfMember = r.Flag(),
        },
        RecordKind.Guidance => new GuidanceRecord(
            r.Id(), r.Id(), r.Text(), r.Text(), RecordCodec.Enum<PeriodForm>(ref r), r.Long(), r.Long(),
            r.List(static (ref CanonicalReader r) => new RecommendedValue(r.Int(), r.Long()))),
        _ => null,
    };

    private static void WriteScope(CanonicalWriter w, MemberScope? scope)
    {
        w.Flag(scope is not null);
        if (scope is not null)
        {
            w.List(scope.Programs, static (w, program) => w.Id(program));
            w.List(scope.Areas, static (w, area) => w.Text(area));
        }
    }

    private static MemberScope? ReadScope(ref CanonicalReader r) => r.Flag()
        ? new MemberScope(r.List(static (ref CanonicalReader r) => r.Id()), r.List(static (ref CanonicalReader r) => r.Text()))
        : null;
}
