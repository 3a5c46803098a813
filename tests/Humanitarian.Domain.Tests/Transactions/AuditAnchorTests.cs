using Humanitarian.Domain.Audit;
using Humanitarian.Domain.Tests.Support;

namespace Humanitarian.Domain.Tests.Transactions;

/// <summary>The anchors of the audit trail.</summary>
public sealed class AuditAnchorTests
{
    private readonly World world = new();

    [Fact]
    public void The_ledger_anchors_a_trail()
    {
        var anchor = AuditAnchors.Decide(World.IdOf("trail"), World.HashOf("batch"), world.Scope(Id.None), world.State).Value!;
        Assert.Equal((World.IdOf("trail"), World.HashOf("batch")), (anchor.Subject, Assert.Single(anchor.Evidence)));
        Assert.Empty(anchor.Postings);
    }

    [Fact]
    public void No_member_does_and_neither_trail_nor_hash_is_missing()
    {
        Assert.Equal(RefusalCode.Tampered, AuditAnchors.Decide(World.IdOf("trail"), World.HashOf("batch"), world.Scope(World.Operator), world.State).Refusal?.Code);
        Assert.Equal(RefusalCode.Tampered, AuditAnchors.Decide(Id.None, World.HashOf("batch"), world.Scope(Id.None), world.State).Refusal?.Code);
        Assert.Equal(RefusalCode.Tampered, AuditAnchors.Decide(World.IdOf("trail"), default, world.Scope(Id.None), world.State).Refusal?.Code);
    }
}
