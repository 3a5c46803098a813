using GraphQL;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Programs.Rules;
using Humanitarian.Grains.Reading;

namespace Humanitarian.Api.LocalCurrency;

/// <summary>How a local currency stands. The reserve covers what circulates, at every step.</summary>
/// <param name="ProgramId">The program.</param>
/// <param name="Reserve">Money that the program keeps.</param>
/// <param name="Circulation">Units opened and not converted back, the commons fund's included.</param>
/// <param name="CommonsFund">What melted and was given, and is not spent.</param>
[Name("LocalCurrency")]
public sealed record LocalCurrencyView(Id ProgramId, Money Reserve, Money Circulation, Money CommonsFund);

/// <summary>Local currencies of your organisation.</summary>
public sealed class LocalCurrencyQueries(Access access, LedgerReader reader) : IQueries
{
    /// <summary>Reserve and circulation of a program; null where its units are not opened by deposits.</summary>
    /// <param name="programId">The program.</param>
    [Allow]
    public async Task<LocalCurrencyView?> LocalCurrency(Id programId) =>
        await access.CoveredProgramAsync(programId) is { } program && TermsJson.Of(program).Rules.OfType<BackedByDeposits>().FirstOrDefault() is { } rule
            ? new LocalCurrencyView(
                program.Id,
                new Money((await reader.BookAsync(program.Pool)).AvailableOf(rule.Money, Id.None), rule.Money),
                new Money(-(await reader.BookAsync(WorldAccount.IdOf(program.Unit))).Available(program.Unit), program.Unit),
                new Money((await reader.BookAsync(Domain.Programs.CommonsFund.IdOf(program.Id))).Available(program.Unit), program.Unit))
            : null;
}
