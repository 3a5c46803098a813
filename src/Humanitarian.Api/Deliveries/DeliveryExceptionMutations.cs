using GraphQL;
using Humanitarian.Api.GraphQL;
using Humanitarian.Api.SecondFactor;
using Humanitarian.Domain;
using Humanitarian.Domain.Organisations;
using Humanitarian.Grains.Commands;

namespace Humanitarian.Api.Deliveries;

/// <param name="ExceptionId">The late delivery.</param>
/// <param name="Accept">True pays it, false rejects it.</param>
/// <param name="GrantId">The grant that pays; needed to accept.</param>
/// <param name="Reason">Why, as a code of capital letters, digits and underscores; never about a person.</param>
[MovesMoney]
public sealed record DecideDeliveryExceptionInput(string IdempotencyKey, Signature? Signature, Id ExceptionId, bool Accept, Id? GrantId, string Reason)
    : SignedInput(IdempotencyKey, Signature);

public sealed record DecideDeliveryExceptionPayload : ConfirmablePayload
{
    /// <summary>The late delivery as it is now; null when refused.</summary>
    [AsParent]
    public async Task<DeliveryExceptionView?> Exception([FromServices] DeliveryExceptionReads exceptions) =>
        Subject.IsNone ? null : await exceptions.FindAsync(Subject);
}

/// <summary>What becomes of deliveries that came too late.</summary>
public sealed class DeliveryExceptionMutations(MutationRunner run, LedgerCommands commands, DeliveryExceptionReads exceptions) : IMutations
{
    /// <summary>
    /// Decides a late delivery, once, signed by an approver who did not deliver it: rejects it, or pays it from a grant within the program's
    /// terms. ALREADY_ASSISTED when its line or the household's period has been paid, AGENT_LIMIT_EXCEEDED when the device's limit for the day on which
    /// it signed, or for one beneficiary, does not hold it: reject it then.
    /// </summary>
    [Allow(Roles.Approver)]
    [NeedsSecondFactor]
    public Task<DecideDeliveryExceptionPayload> DecideDeliveryException(DecideDeliveryExceptionInput input) =>
        run.RunAsync<DecideDeliveryExceptionPayload>(input, input.ExceptionId, async (context, id) =>
            await exceptions.FindAsync(id) is null ? await Refuse.NotFound("exceptionId")
            : input.Accept != input.GrantId.HasValue
                ? await Refuse.With(new Refusal(RefusalCode.InvalidInput, "Name the grant that pays, and none to reject.", "grantId"))
            : await commands.DecideDeliveryExceptionAsync(context, id, input.GrantId ?? Id.None, input.Reason));
}
