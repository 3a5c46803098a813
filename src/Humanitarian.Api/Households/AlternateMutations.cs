using Humanitarian.Api.Beneficiaries;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Redemptions;
using Humanitarian.Grains.Admission;
using Humanitarian.Grains.Commands;

namespace Humanitarian.Api.Households;

/// <param name="AccountId">The beneficiary's account, which they collect for their household with.</param>
public sealed record StopAlternatesInput(string IdempotencyKey, Id AccountId) : MutationInput(IdempotencyKey);

public sealed record StopAlternatesPayload : Payload;

/// <summary>Who may collect instead of a beneficiary.</summary>
public sealed class AlternateMutations(MutationRunner run, LedgerCommands commands, Access access, EntitlementReads entitlements) : IMutations
{
    /// <summary>Nobody collects instead of a beneficiary any more, at once; a beneficiary says so themselves. A registrar names others with <c>changeCollector</c>.</summary>
    [Allow(Credentials.Blockers, Person = true)]
    [Stops]
    public Task<StopAlternatesPayload> StopAlternates(StopAlternatesInput input) => run.RunAsync<StopAlternatesPayload>(
        input,
        input.AccountId,
        async (context, id) => await access.PersonAsync(id) is not { } person
            ? await Refuse.NotFound("accountId")
            : (await entitlements.HouseholdsAsync(person.Organisation, id, CancellationToken.None)).Where(household => household.Collector == id).ToList() is { Count: > 0 } households
                ? await commands.ChangeRecordsAsync(context, [.. households.Select(household => household with { Alternates = [] })])
                : await Refuse.With(new Refusal(RefusalCode.WrongState, "This beneficiary collects for no household, so nobody does so instead.", "accountId")),
        Urgency.Till);
}
