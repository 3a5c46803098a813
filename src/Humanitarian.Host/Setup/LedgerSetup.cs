using System.Buffers.Binary;
using Humanitarian.Chain.Blocks;
using Humanitarian.Chain.Canonical;
using Humanitarian.Chain.Crypto;
using Humanitarian.Chain.Merkle;
using Humanitarian.Domain;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Organisations;
using Humanitarian.Host.Configuration;
using Humanitarian.Storage.Blocks;

namespace Humanitarian.Host.Setup;

/// <summary>What a first start made, to be shown once.</summary>
/// <param name="MadeRecovery">True when the recovery key was made here, not named by the settings.</param>
internal sealed record FirstStart(Id Operator, Id Administrator, byte[] AdministratorKey, string OfflineFolder, bool MadeRecovery)
{
    /// <summary>With which the administrator signs in; empty where the ledger is no identity provider.</summary>
    public string Passphrase { get; init; } = "";
}

/// <summary>A ledger with its keys.</summary>
/// <param name="Genesis">Hash of its first block: remembered elsewhere, it shows whether the chain was rewritten.</param>
/// <param name="First">Null when the ledger existed.</param>
internal sealed record OpenedLedger(LedgerRecord Ledger, Hash32 Genesis, LedgerKeys Keys, FirstStart? First);

/// <summary>Opens a ledger's identity: makes keys and genesis in an empty folder, finds and checks them in any other.</summary>
internal sealed class LedgerSetup(IBlockStore blocks, KeyFolder keys, LedgerSettings settings, TimeProvider time, IRandomSource random)
{
    private const Roles FirstRoles = Roles.Operator | Roles.Administrator;

    /// <exception cref="StartupFault">A key is missing, does not open or is not the ledger's.</exception>
    public async Task<OpenedLedger> OpenAsync(CancellationToken cancellationToken)
    {
        if (await blocks.FindAsync(0, cancellationToken) is { } genesis)
        {
            return await FindAsync(genesis, cancellationToken);
        }

        // Silos that share the folder may start for the first time at the same moment: one makes the ledger, the others find it.
        using var alone = await keys.LockAsync(time, cancellationToken);
        return await blocks.FindAsync(0, cancellationToken) is { } made
            ? await FindAsync(made, cancellationToken)
            : await CreateAsync(cancellationToken);
    }

    /// <summary>The ledger's record in its first block.</summary>
    /// <exception cref="StartupFault">The block is no genesis.</exception>
    public static LedgerRecord LedgerOf(StoredBlock genesis)
    {
        try
        {
            var block = BlockCodec.Decode(genesis.Bytes.Span);
            if (TransactionCodec.Decode(block.Transactions[0].Transaction).Writes[0].Record is LedgerRecord ledger)
            {
                return ledger;
            }
        }
        catch (Exception fault) when (fault is EncodingException or ArgumentOutOfRangeException)
        {
            throw Damaged(fault);
        }

        throw Damaged(null);

        static StartupFault Damaged(Exception? inner) => new(
            StartupCode.DatabaseDamaged, "The ledger's first block is damaged. Restore the newest backup; 'verify' names what is broken.", inner);
    }

    private async Task<OpenedLedger> FindAsync(StoredBlock genesis, CancellationToken cancellationToken)
    {
        var ledger = LedgerOf(genesis);
        var read = await keys.ReadAsync(cancellationToken);
        if (Keccak.Hash(read.Claim.Export()) != ledger.ClaimKeyCommitment)
        {
            throw new StartupFault(
                StartupCode.KeyMismatch, $"{keys.ClaimKeyFile} is not the claim key of this ledger (setting Keys:Folder). Name the folder made with this data folder.");
        }

        return new OpenedLedger(ledger, genesis.Hash, read, null);
    }

    private async Task<OpenedLedger> CreateAsync(CancellationToken cancellationToken)
    {
        await keys.CreateAsync(cancellationToken);
        var read = await keys.ReadAsync(cancellationToken);
        var administratorKey = await keys.OfflineAsync("administrator", cancellationToken);
        var recovery = settings.Recovery.Select(text => Address.Parse(text)).ToList();
        if (recovery.Count == 0)
        {
            recovery.Add(Secp256k1.AddressOf(await keys.OfflineAsync("recovery", cancellationToken)));
        }

        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var ledger = new LedgerRecord(
            NewId(now), settings.Name, read.SealerAddress, recovery, settings.RecoveryThreshold, Keccak.Hash(read.Claim.Export()), now);
        var organisation = new OrganisationRecord(NewId(now), settings.Operator, OrganisationKind.PublicBody, true, true);
        var administrator = new MemberRecord(NewId(now), organisation.Id, Secp256k1.AddressOf(administratorKey), FirstRoles, true);
        var block = Seal(Genesis.Make(ledger, organisation, administrator), ledger, read.Sealer, now);
        if (await blocks.AppendAsync(block, cancellationToken) != AppendResult.Durable)
        {
            // Another made it, with keys of its own unless the file system knows no locks: finding it says which.
            return await FindAsync((await blocks.FindAsync(0, cancellationToken))!, cancellationToken);
        }

        return new OpenedLedger(ledger, block.Hash, read, new FirstStart(organisation.Id, administrator.Id, administratorKey, keys.OfflineFolder, settings.Recovery.Count == 0));
    }

    private StoredBlock Seal(Domain.Transactions.Transaction genesis, LedgerRecord ledger, byte[] sealer, long now)
    {
        var ordered = new OrderedTransaction(TransactionCodec.Encode(genesis), RandomId(), []);
        var header = new BlockHeader(
            0, Hash32.Zero, BlockTree.Root([ordered.Leaf(0)]), 1, now, RandomId(), 0, LogTree.EmptyRoot, ledger.Sealer);
        var hash = header.Hash(new LedgerDomain(ledger.Id));
        var block = new Block(header, Secp256k1.Sign(sealer, hash), [ordered]);
        return new StoredBlock(0, hash, Hash32.Zero, BlockCodec.Encode(block));
    }

    private Id RandomId()
    {
        Span<byte> bytes = stackalloc byte[Id.Size];
        random.Fill(bytes);
        return Id.FromBytes(bytes);
    }

    /// <summary>48 bits of milliseconds, then 80 random ones: ids in the order of time.</summary>
    private Id NewId(long now)
    {
        Span<byte> bytes = stackalloc byte[Id.Size];
        random.Fill(bytes);
        BinaryPrimitives.WriteUInt64BigEndian(bytes, ((ulong)now << 16) | BinaryPrimitives.ReadUInt16BigEndian(bytes[6..]));
        return Id.FromBytes(bytes);
    }
}
