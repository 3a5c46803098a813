using Humanitarian.Domain;
using Humanitarian.Grains.Sequencing;

namespace Humanitarian.Grains.Accounts;

/// <summary>What an asked account answers: its lease, having reserved its part, or a refusal.</summary>
[GenerateSerializer, Immutable, Alias("AskResult")]
public sealed record AskResult([property: Orleans.Id(0)] Refusal? Refusal, [property: Orleans.Id(1)] Lease Lease);

/// <summary>The way to the other accounts that a transaction debits or that have a holding limit: grains in production.</summary>
public interface IAskedAccounts
{
    /// <summary>Asks an account to check and reserve its part of an encoded transaction.</summary>
    Task<AskResult> AskAsync(Id account, byte[] open, byte[] closed, Hash32 closedHash);

    /// <summary>Tells an asked account that the transaction is definitely not ordered.</summary>
    /// <param name="voided">The lease that it answered with, when that may be void.</param>
    Task DropAsync(Id account, Hash32 transaction, Lease? voided);
}
