using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Humanitarian.Chain.Authority;
using Humanitarian.Chain.Blocks;
using Humanitarian.Chain.Canonical;
using Humanitarian.Chain.Crypto;
using Humanitarian.Chain.Merkle;
using Humanitarian.Chain.Verification;
using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Grants;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Units;
using Humanitarian.Grains.Commands;
using Humanitarian.Grains.Hosting;
using Humanitarian.Grains.Reading;
using Humanitarian.Grains.Sequencing;
using Humanitarian.Storage.Blocks;
using Humanitarian.Storage.Projections;
using Humanitarian.Storage.Side;
using Humanitarian.Storage.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Humanitarian.LoadTests;

/// <summary>A silo in this process over SQLite in a temporary folder, with a voucher program whose beneficiaries have been paid.</summary>
internal sealed class LoadedLedger : IAsyncDisposable
{
    /// <summary>What each beneficiary has, in minor units.</summary>
    public const long LineMinor = 1_000_000;

    private readonly Dictionary<Id, byte[]> keys = [];
    private readonly LedgerIdentity identity = new(IdOf("ledger"), new ClaimKey(KeyOf("claims")));
    private readonly BlockSealer sealer = new(KeyOf("sealer"));
    private readonly string folder = Directory.CreateTempSubdirectory("humanitarian-load-").FullName;
    private IHost host = null!;
    private SqliteLedgerFiles files = null!;

    public Id Program { get; } = IdOf("program");

    public Id Vendor { get; } = IdOf("vendor");

    public Id Till { get; } = IdOf("till");

    public LedgerCommands Commands => host.Services.GetRequiredService<LedgerCommands>();

    public LedgerReader Reader => host.Services.GetRequiredService<LedgerReader>();

    public static Id IdOf(string name) => Id.FromBytes(SHA256.HashData(Encoding.UTF8.GetBytes("id " + name)));

    public static Id Beneficiary(int number) => IdOf("beneficiary " + number.ToString(CultureInfo.InvariantCulture));

    public static CommandContext Context(Id principal, string key, Signature? signature = null) => new(principal, key, default, signature);

    public static async Task<LoadedLedger> StartAsync(int beneficiaries)
    {
        var ledger = new LoadedLedger();
        ledger.files = await SqliteStorage.OpenAsync(ledger.folder);
        await ledger.FoundAsync();
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Error).AddFilter("Polly", LogLevel.Error);
        builder.UseOrleans(silo => silo.UseLocalhostClustering(FreePort(), gatewayPort: 0));
        builder.Services.AddSingleton<IBlockStore>(ledger.files.Blocks);
        builder.Services.AddSingleton<IProjectionStore>(ledger.files.Projections);
        builder.Services.AddSingleton<ISideStore>(ledger.files.Side);
        builder.Services.AddSingleton<IMatchingStore>(ledger.files.Matching);
        builder.Services.AddHumanitarianLedger(ledger.identity, ledger.sealer);
        ledger.host = builder.Build();
        await ledger.host.StartAsync();
        await ledger.PayAsync(beneficiaries);
        return ledger;
    }

    public async Task<VerificationReport> VerifyAsync() => await Verifier.VerifyAsync(
        files.Blocks.ReadAsync(0).Select(block => block.Bytes), new VerificationOptions { ClaimKey = identity.ClaimKey });

    public long BytesOnDisk() => new DirectoryInfo(folder).GetFiles().Sum(file => file.Length);

    public async ValueTask DisposeAsync()
    {
        await host.StopAsync();
        host.Dispose();
        await files.DisposeAsync();
        Directory.Delete(folder, true);
    }

    private async Task FoundAsync()
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        var operatorId = IdOf("operator");
        var record = new LedgerRecord(
            identity.Ledger, "Load", sealer.Address, [Secp256k1.AddressOf(KeyOf("recovery"))], 1, Keccak.Hash(identity.ClaimKey.Export()), now);
        var genesis = TransactionCodec.Encode(Genesis.Make(
            record, new OrganisationRecord(operatorId, "Operator", OrganisationKind.Ngo, false, true), Member(IdOf("administrator"), operatorId, (Roles)511)));
        var ordered = new OrderedTransaction(genesis, IdOf("salt"), []);
        var header = new BlockHeader(0, Hash32.Zero, BlockTree.Root([ordered.Leaf(0)]), 1, now, IdOf("epoch"), 0, LogTree.EmptyRoot, sealer.Address);
        var hash = header.Hash(identity.Domain);
        await files.Blocks.AppendAsync(new StoredBlock(0, hash, Hash32.Zero, BlockCodec.Encode(new Block(header, sealer.Sign(hash), [ordered]))));
    }

    /// <summary>The main job up to paid vouchers; one organisation plays every part, which its genesis allows.</summary>
    private async Task PayAsync(int beneficiaries)
    {
        var admin = IdOf("administrator");
        var organisation = IdOf("operator");
        var total = beneficiaries * LineMinor;
        await RegisterAsync(admin, new UnitRecord("KES", 2, null));
        var terms = TermsJson.Read(TermsJson.Preset("voucher")!).Value!;
        await RegisterAsync(
            admin,
            new ProgramRecord(Program, organisation, "Load", "KES", TermsJson.Write(terms), 1, IdOf("pool"), IdOf("queue"), true),
            AccountRecord.Open(IdOf("pool"), organisation, AccountKind.ProgramPool, Program), AccountRecord.Open(IdOf("queue"), organisation, AccountKind.ReturnQueue, Program));
        await RegisterAsync(admin, Member(Till, organisation, Roles.Vendor), AccountRecord.Open(Vendor, organisation, AccountKind.Vendor));
        await RegisterAsync(admin, new AccreditationRecord(AccreditationRecord.IdOf(Program, Vendor), Program, Vendor, [], true));
        await RegisterAsync(admin, new GrantRecord(IdOf("grant"), organisation, Program, "KES", total, 0, 0, long.MaxValue, "", [], true));
        Done(await Commands.RecordReceiptAsync(Context(admin, "receipt"), IdOf("grant"), total, default));
        await files.Side.AddRowsAsync(IdOf("list"), [.. Enumerable.Range(0, beneficiaries).Select(number =>
            new ListRowEntry(number, Beneficiary(number), IdOf("household " + number.ToString(CultureInfo.InvariantCulture)), LineMinor, 4, "", true))]);
        Done(await Commands.EnrolAsync(Context(admin, "enrol"), Program, IdOf("list")));
        var context = Context(admin, "draft");
        var drafted = await Commands.DraftDisbursementAsync(
            context, new DisbursementDraft(Program, IdOf("list"), 0, beneficiaries, false, [new GrantShare(IdOf("grant"), total)], "2026-11", "food", long.MaxValue));
        var id = drafted.Value?.Id ?? throw new InvalidOperationException(drafted.Refusal!.Code);
        _ = (await Commands.ValidateDisbursementAsync(Context(admin, "validate"), id)).Value ?? throw new InvalidOperationException("validate");
        Done(await SignedAsync(admin, "approve", signed => Commands.ApproveDisbursementAsync(signed, id)));
        Done(await SignedAsync(admin, "release", signed => Commands.ReleaseDisbursementAsync(signed, id)));
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while ((await Commands.DisbursementAsync(id))?.State != (int)DisbursementState.Completed)
        {
            await tick.WaitForNextTickAsync();
        }
    }

    private async Task RegisterAsync(Id principal, params Record[] records) => Done(
        await SignedAsync(principal, "register " + records[0].Id, context => Commands.ChangeRecordsAsync(context, records)));

    private async Task<CommandResult> SignedAsync(Id principal, string key, Func<CommandContext, Task<CommandResult>> command)
    {
        var first = await command(Context(principal, key));
        if (first.ToSign is not { } words)
        {
            return first;
        }

        var digest = SignedObjects.Digest(identity.Domain, new DecisionToSign(words.Action, words.Object, words.TotalMinor, words.RoleVersion));
        return await command(Context(principal, key, Secp256k1.Sign(keys[principal], digest)));
    }

    private MemberRecord Member(Id id, Id organisation, Roles roles)
    {
        keys[id] = KeyOf(id.ToString());
        return new MemberRecord(id, organisation, Secp256k1.AddressOf(keys[id]), roles, true);
    }

    private static byte[] KeyOf(string name) => SHA256.HashData(Encoding.UTF8.GetBytes("key " + name));

    private static void Done(CommandResult result)
    {
        if (result.Refusal is { } refusal)
        {
            throw new InvalidOperationException($"{refusal.Code}: {refusal.Message}");
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
