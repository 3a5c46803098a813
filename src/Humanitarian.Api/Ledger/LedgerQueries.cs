using GraphQL;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Grains.Reading;

namespace Humanitarian.Api.Ledger;

/// <summary>The ledger at its newest durable block.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Its name.</param>
/// <param name="Height">Height of the newest block.</param>
/// <param name="HeadHash">Hash of the newest block.</param>
/// <param name="HeadTime">Time of the newest block.</param>
/// <param name="Sealer">Address of the key that signs blocks.</param>
/// <param name="GenesisHash">Remember it: with it, verify shows that the whole chain is this ledger's.</param>
/// <param name="SigningSalt">Salt of the EIP-712 domain: Keccak-256 of the ledger's id.</param>
[Name("Ledger")]
public sealed record LedgerView(
    Id Id, string Name, ulong Height, Hash32 HeadHash, DateTimeOffset HeadTime, Address Sealer, Hash32 GenesisHash, Hash32 SigningSalt) : INode;

/// <summary>A sealed block. Its hash is the EIP-712 digest that the sealer signed.</summary>
/// <param name="Height">Its height, from 0.</param>
/// <param name="Hash">Its hash.</param>
/// <param name="Previous">Hash of the block before.</param>
/// <param name="Root">OpenZeppelin Merkle root of its transactions.</param>
/// <param name="Time">When it was sealed; never before the block before.</param>
/// <param name="Epoch">The sequencer that cut it.</param>
/// <param name="LogSize">Blocks in the RFC 9162 log before it.</param>
/// <param name="LogRoot">Root of that log.</param>
/// <param name="Sealer">Address of the key that signed it.</param>
/// <param name="Signature">The sealer's signature.</param>
/// <param name="Transactions">Hashes in their order.</param>
[Name("Block")]
public sealed record BlockView(
    ulong Height, Hash32 Hash, Hash32 Previous, Hash32 Root, DateTimeOffset Time, Id Epoch, ulong LogSize, Hash32 LogRoot, Address Sealer,
    Signature Signature, IReadOnlyList<Hash32> Transactions);

/// <summary>The chain.</summary>
public sealed class LedgerQueries(LedgerReader reader, LedgerInfo info) : IQueries
{
    /// <summary>The ledger at its newest durable block.</summary>
    [Allow(Person = true)]
    public async Task<LedgerView> Ledger()
    {
        var record = await info.RecordAsync();
        var domain = await info.DomainAsync();
        var head = await reader.HeadAsync() ?? throw new InvalidDataException("The ledger has no genesis.");
        var genesis = await reader.BlockAsync(0) ?? throw new InvalidDataException("The ledger has no genesis.");
        return new LedgerView(
            record.Id, record.Name, head.Height, head.Hash(domain), DateTimeOffset.FromUnixTimeMilliseconds(head.Time), record.Sealer,
            genesis.Header.Hash(domain), domain.Salt);
    }

    /// <summary>A block's signed header and the hashes of its transactions.</summary>
    /// <param name="height">Height of the block, from 0.</param>
    [Allow(Person = true)]
    public async Task<BlockView?> Block(ulong height)
    {
        if (await reader.BlockAsync(height) is not { Header: var header } block)
        {
            return null;
        }

        return new BlockView(
            header.Height, header.Hash(await info.DomainAsync()), header.Previous, header.Root, DateTimeOffset.FromUnixTimeMilliseconds(header.Time),
            header.Epoch, header.LogSize, header.LogRoot, header.Sealer, block.Signature,
            [.. block.Transactions.Select(ordered => ordered.Transaction.Hash())]);
    }
}
