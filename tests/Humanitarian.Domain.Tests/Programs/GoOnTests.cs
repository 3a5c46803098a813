using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Tests.Support;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Tests.Programs;

/// <summary>Who lets a paused disbursement go on: as with its release, nobody who made or approved it.</summary>
public sealed class GoOnTests
{
    [Fact]
    public void Who_made_or_approved_a_disbursement_does_not_resume_it()
    {
        var world = new World();
        world.Order(world.TryReceive(0, 9_000, "receipt"));
        world.Order(world.TryEnrol(World.Voucher, "list", 0));
        world.Order(world.TryApprove(World.Draft("one", World.Voucher, DeliveryMode.Bulk, "2026-11", world.Now + (30 * World.Minute), [new LotPart(World.GrantId(0), 100)], [World.LineOf(0, 100)])));
        world.Order(world.TryRelease("one"));
        world.Order(To(world, DisbursementState.Paused, World.Approver));
        foreach (var member in new[] { World.Approver, World.SecondRegistrar })
        {
            world.Register(World.Administrator, World.Member(member, World.Ngo, Roles.Approver | Roles.Registrar | Roles.Releaser));
            Assert.Equal(RefusalCode.RolesIncompatible, To(world, DisbursementState.Released, member).Refusal?.Code);
        }

        world.Order(To(world, DisbursementState.Released, World.Releaser));
    }

    private static Outcome<Transaction> To(World world, DisbursementState state, Id member) =>
        StateChanges.Decide(World.IdOf("one"), state, world.Scope(member), world.State);
}
