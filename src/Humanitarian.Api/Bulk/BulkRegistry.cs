using Humanitarian.Api.Accounts;
using Humanitarian.Api.GraphQL;
using Humanitarian.Api.Programs;
using Humanitarian.Domain.Organisations;
using Humanitarian.Grains.Commands;

namespace Humanitarian.Api.Bulk;

/// <summary>Accounts of your organisation, many at once.</summary>
/// <param name="Mode">What becomes of the others when one is refused.</param>
/// <param name="Items">1 to 100, each with its own idempotency key.</param>
public sealed record OpenManyAccountsInput(BulkMode Mode, IReadOnlyList<OpenAccountInput> Items);

/// <summary>Accreditations in your programs, many at once.</summary>
/// <param name="Mode">What becomes of the others when one is refused.</param>
/// <param name="Items">1 to 100, each with its own idempotency key.</param>
public sealed record AccreditManyVendorsInput(BulkMode Mode, IReadOnlyList<AccreditVendorInput> Items);

public sealed record OpenManyAccountsPayload : BulkPayload<OpenAccountPayload>;

public sealed record AccreditManyVendorsPayload : BulkPayload<AccreditVendorPayload>;

/// <summary>Many changes of the registry in one request. Each is what the mutation of one does, under the same rules.</summary>
public sealed class BulkRegistry(LedgerCommands commands, AccountMutations accounts, ProgramMutations programs) : IMutations
{
    /// <summary>Opens many accounts of your organisation.</summary>
    [Allow(Roles.Administrator | Roles.Registrar | Roles.Operator)]
    [Cost(OperationCost.Root * Many.Most)]
    public Task<OpenManyAccountsPayload> OpenManyAccounts(OpenManyAccountsInput input) =>
        Many.RunAsync<OpenManyAccountsPayload, OpenAccountInput, OpenAccountPayload>(commands, input.Mode, input.Items, accounts.OpenAccount);

    /// <summary>Lets many vendors' accounts be paid in programs, or withdraws that.</summary>
    [Allow(Roles.Administrator | Roles.ProgramManager)]
    [Cost(OperationCost.Root * Many.Most)]
    public Task<AccreditManyVendorsPayload> AccreditManyVendors(AccreditManyVendorsInput input) =>
        Many.RunAsync<AccreditManyVendorsPayload, AccreditVendorInput, AccreditVendorPayload>(commands, input.Mode, input.Items, programs.AccreditVendor);
}
