using Humanitarian.Chain.Canonical;
using Humanitarian.Domain;
using Humanitarian.Domain.Cash;
using Humanitarian.Domain.Households;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs;
using Record = Humanitarian.Domain.Record;

namespace Humanitarian.Chain.Tests.Canonical;

public sealed class PeopleRecordTests
{
    private static readonly MemberRecord Member = new(Id("member"), Id("ngo"), new Address(1, 2, 3), Roles.Approver | Roles.ProgramManager, true);
    private static readonly ProgramRecord Program = new(Id("program"), Id("ngo"), "program", "EUR", "{}", 3, Id("pool"), Id("queue"), true);
    private static readonly ContradictionRecord Contradiction = new(
        Id("contradiction"), Id("disbursement"), Id("line"), ChainBuilder.EvidenceOf("second"), 5, "RETURNED", ContradictionState.Open, default, "");

    private static readonly SeparationWaiver Waiver = new("why", 5, 600, [Id("a"), Id("b")], 2, [Id("a")]);

    public static TheoryData<Record> Records =>
    [
        Program with { Stops = [new ProgramStop("north", default, StopReason.Insecurity, Id("a"), 20_000, default)] },
        Program with { Stops = [new ProgramStop("", Id("shop"), StopReason.Other, Id("a"), 20_000, Id("b"))], Waiver = Waiver },
        Program with { Waiver = Waiver },
        Program with { Amendment = new TermsAmendment("{}", 7, 9, Id("a"), default) },
        Program with { Waiver = Waiver, Amendment = new TermsAmendment("{}", 0, 0, Id("a"), Id("b")) },
        new HouseholdRecord(Id("household"), Id("ngo"), 3, [Id("a"), Id("b")], Id("a"), [Id("b")]) { CollectorsSetBy = Id("c"), CollectorsSetAt = 7 },
        new HouseholdRecord(Id("household"), Id("ngo"), 3, [Id("a")], Id("a"), [])
        {
            Inherits = [new Inheritance(Id("before"), Id("household"))], CollectorsSetBy = Id("c"), CollectorsSetAt = 7,
        },
        Member with { Scope = new MemberScope([Id("program")], ["north", "south"]) },
        Member with { Acting = [new ActingRole(Roles.Releaser, Id("absent"), 5, 600, Id("administrator"))] },
        Member with { Emergency = new EmergencyRole(Id("emergency"), Roles.Releaser, Id("program"), Id("disbursement"), 500, 600) },
        new EmergencyRecord(
            Id("emergency"), Id("ngo"), Id("member"), Roles.Releaser, Id("program"), Id("disbursement"), 500, 600, "why", Id("auditor"), true, "fine"),
        new ScreeningRecord(Id("screening"), Id("ngo"), Id("vendor"), "UN", 20_000, ScreeningOutcome.Review, 20_100, Id("a")),
        new ScreeningRecord(Id("screening"), Id("ngo"), Id("member"), "UN", 20_000, ScreeningOutcome.Hit, 20_100, Id("a")) { OfMember = true },
        new ForgettingRecord(Id("account"), Id("ngo"), ForgettingReason.Request, Id("a"), 600, Id("b"), 700),
        new GuidanceRecord(Id("guidance"), Id("group"), "food", "EUR", PeriodForm.Quarter, 20_000, 20_365, [new RecommendedValue(4, 5_000), new RecommendedValue(8, 9_000)]),
        new InvitationRecord(
            Id("invitation"), Id("ngo"), Roles.Reader, new MemberScope([], ["north"]), 700, ChainBuilder.EvidenceOf("hash"), InvitationState.Joined,
            ChainBuilder.EvidenceOf("code"), Id("a")),
        Contradiction with { Against = ChainBuilder.EvidenceOf("first") },
    ];

    [Theory]
    [MemberData(nameof(Records))]
    public void What_was_written_is_read_again(Record record)
    {
        var bytes = RecordCodec.Encode(record);
        var read = RecordCodec.Decode(bytes);
        Assert.Equivalent(record, read, strict: true);
        Assert.Equal(bytes, RecordCodec.Encode(read));
    }

    [Fact]
    public void Later_forms_with_nothing_to_add_are_refused()
    {
        Assert.Throws<EncodingException>(() => RecordCodec.Decode([50, .. RecordCodec.Encode(Program)[1..], 0, 0]));
        Assert.Throws<EncodingException>(() => RecordCodec.Decode([51, .. RecordCodec.Encode(Member)[1..], 0, 0, 0]));
        Assert.Throws<EncodingException>(() => RecordCodec.Decode([59, .. RecordCodec.Encode(Contradiction)[1..], .. new byte[32]]));
    }

    [Fact]
    public void What_has_nothing_new_keeps_the_bytes_it_had()
    {
        Assert.Equal((byte)RecordKind.Program, RecordCodec.Encode(Program)[0]);
        Assert.Equal((byte)RecordKind.Member, RecordCodec.Encode(Member)[0]);
        Assert.Equal((byte)RecordKind.Contradiction, RecordCodec.Encode(Contradiction)[0]);
    }

    private static Id Id(string name) => ChainBuilder.IdOf(name);
}
