using GraphQL;
using Humanitarian.Api.GraphQL;
using Humanitarian.Chain.Proofs;
using Humanitarian.Domain;
using Humanitarian.Grains.Reading;

namespace Humanitarian.Api.Ledger;

/// <summary>That a transaction stands in a sealed block, as a small file for a browser or a stand-alone script.</summary>
/// <param name="Hash">Its hash.</param>
/// <param name="Height">Height of its block.</param>
/// <param name="Position">Place in its block, from 0.</param>
/// <param name="Json">The file's text.</param>
[Name("TransactionProof")]
public sealed record TransactionProofView(Hash32 Hash, ulong Height, int Position, string Json);

/// <summary>Proofs for donors and auditors.</summary>
public sealed class ProofQueries(LedgerReader reader, Access access) : IQueries
{
    /// <summary>The proof of a transaction of your organisation, or in a program that you see.</summary>
    /// <param name="hash">Hash of the transaction.</param>
    [Allow]
    public async Task<TransactionProofView?> TransactionProof(Hash32 hash)
    {
        if (await reader.TransactionAsync(hash) is not { } placed || !await access.MayProveAsync(placed.Transaction)
            || await reader.BlockAsync(placed.Header.Height) is not { } block)
        {
            return null;
        }

        var proof = TransactionProofs.Make(placed.Transaction.Ledger, block, placed.Position);
        return new TransactionProofView(hash, placed.Header.Height, placed.Position, proof.ToJson());
    }
}
