using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Grains.Reading;

namespace Humanitarian.Api.Beneficiaries;

/// <summary>
/// What members look at of persons' accounts, written down before it is answered. What mutations answer is not: it costs payments nothing,
/// and the ledger has who made them.
/// </summary>
public sealed class Looks(Caller caller, AccessLog log, LedgerReader reader)
{
    /// <summary>A look at an account, where it is a person's.</summary>
    /// <param name="what">Name of the query, subscription or export.</param>
    public Task AtAsync(AccountRecord account, string what) => account.NamesPerson ? log.WriteAsync(caller, account.Id, what) : Task.CompletedTask;

    /// <summary>A look at accounts that are all persons'.</summary>
    public Task AtAsync(IEnumerable<Id> persons, string what) => log.WriteAsync(caller, [.. persons.Distinct()], what);

    /// <summary>A look at accounts of which some may be persons'.</summary>
    public async Task AtSomeAsync(IReadOnlyList<Id> accounts, string what, CancellationToken cancellationToken = default) => await AtAsync(
        (await reader.FindAllAsync<AccountRecord>(RecordKind.Account, accounts, cancellationToken)).Where(account => account.NamesPerson).Select(account => account.Id), what);

    /// <summary>A look at all who are enrolled in a program.</summary>
    public Task AtAllOfAsync(Id program, string what) => log.WriteAsync(caller, program, what);
}
