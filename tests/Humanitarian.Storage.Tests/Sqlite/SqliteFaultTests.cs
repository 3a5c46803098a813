using System.Security.Cryptography;
using Humanitarian.Domain;
using Humanitarian.Storage.Blocks;
using Humanitarian.Storage.Migrations;
using Humanitarian.Storage.Projections;
using Humanitarian.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace Humanitarian.Storage.Tests.Sqlite;

/// <summary>What becomes of a data folder that is damaged, full, locked, from another version, or not there.</summary>
public sealed class SqliteFaultTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Second_open_of_a_folder_is_locked_until_the_first_closes()
    {
        var first = await SqliteStorage.OpenAsync(_folder.Path);
        await AssertFaultAsync(StorageFaultCode.Locked, "ledger.lock");
        await first.DisposeAsync();
        await (await SqliteStorage.OpenAsync(_folder.Path)).DisposeAsync();
    }

    [Fact]
    public async Task Failed_open_lets_the_folder_go()
    {
        await File.WriteAllTextAsync(_folder.File("side.db"), new string('x', 5000));
        await AssertFaultAsync(StorageFaultCode.Corrupt, "side.db");
        File.Delete(_folder.File("side.db"));
        await (await SqliteStorage.OpenAsync(_folder.Path)).DisposeAsync();
    }

    [Theory]
    [InlineData("blocks.db", "backup")]
    [InlineData("projections.db", "rebuild")]
    public async Task File_that_is_no_database_is_corrupt_and_the_message_says_what_to_do(string name, string remedy)
    {
        await File.WriteAllTextAsync(_folder.File(name), new string('x', 5000));
        await AssertFaultAsync(StorageFaultCode.Corrupt, name, remedy);
    }

    [Fact]
    public async Task Transactions_of_an_older_layout_are_found_by_the_beginning_of_their_hash()
    {
        var hash = Hash32.Parse(new string('f', 64));
        using (var session = new SqliteSession(_folder.File("projections.db"), SqliteOpenMode.ReadWriteCreate))
        {
            session.Script("CREATE TABLE schema_version (version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied INTEGER NOT NULL) STRICT");
            session.Script(MigrationScripts.Of("Humanitarian.Storage.Sqlite.Migrations.projections.")[0].Sql);
            session.Script("INSERT INTO schema_version VALUES (1, '0001_projections.sql', 0)");
            session.Statement("INSERT INTO transactions VALUES (?, 7, 2)").Bind(hash).Run();
        }

        await using var files = await SqliteStorage.OpenAsync(_folder.Path);
        Assert.Equal([new Place(7, 2)], (await files.Projections.PlacesAsync(hash)).Value);
    }

    [Fact]
    public async Task Truncated_blocks_are_corrupt_not_shorter()
    {
        await FillAsync(blocks: 50);
        await using (var file = File.Open(_folder.File("blocks.db"), FileMode.Open))
        {
            file.SetLength(file.Length / 2);
        }

        await AssertFaultAsync(StorageFaultCode.Corrupt, "blocks.db");
    }

    [Fact]
    public async Task Damaged_page_met_while_reading_is_corrupt()
    {
        await FillAsync(blocks: 500);
        await using (var file = File.Open(_folder.File("blocks.db"), FileMode.Open))
        {
            // The first two pages hold the schema and the roots of tables; the rest becomes noise.
            file.Position = 4096 * 6;
            var noise = Enumerable.Repeat((byte)0xfe, (int)(file.Length - file.Position)).ToArray();
            await file.WriteAsync(noise);
        }

        var fault = await Assert.ThrowsAsync<StorageFault>(async () =>
        {
            await using var files = await SqliteStorage.OpenAsync(_folder.Path);
            await foreach (var block in files.Blocks.ReadAsync(0))
            {
                Assert.Equal(1000, block.Bytes.Length);
            }
        });
        Assert.Equal(StorageFaultCode.Corrupt, fault.Code);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task File_of_a_newer_program_is_refused_by_name(bool readOnly)
    {
        await FillAsync(blocks: 1);
        using (var session = new SqliteSession(_folder.File("matching.db"), Microsoft.Data.Sqlite.SqliteOpenMode.ReadWrite))
        {
            session.Script("INSERT INTO schema_version VALUES (2, '0002_later.sql', 0)");
        }

        await AssertFaultAsync(StorageFaultCode.Newer, readOnly, "matching.db");
    }

    [Fact]
    public async Task File_of_an_older_program_is_refused_for_reading_and_migrated_for_writing()
    {
        await FillAsync(blocks: 1);
        File.Delete(_folder.File("side.db"));
        using (var session = new SqliteSession(_folder.File("side.db"), Microsoft.Data.Sqlite.SqliteOpenMode.ReadWriteCreate))
        {
            session.Script("CREATE TABLE schema_version (version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied INTEGER NOT NULL)");
        }

        await AssertFaultAsync(StorageFaultCode.Older, readOnly: true, "side.db");
        await using var files = await SqliteStorage.OpenAsync(_folder.Path);
        Assert.Null(await files.Side.FindAsync("k", "a"));
    }

    [Fact]
    public async Task Full_disk_refuses_a_block_whole_and_takes_it_when_there_is_room()
    {
        await using var files = await SqliteStorage.OpenAsync(_folder.Path);
        await files.Blocks.AppendAsync(Block(0, 1000));
        await LimitPagesAsync(files.Blocks.File, room: 20);

        var large = Block(1, 1_000_000);
        var fault = await Assert.ThrowsAsync<StorageFault>(() => files.Blocks.AppendAsync(large));
        Assert.Equal(StorageFaultCode.Full, fault.Code);
        Assert.Contains("blocks.db", fault.Message, StringComparison.Ordinal);
        Assert.Equal(0ul, (await files.Blocks.HeadAsync())?.Height);
        Assert.Null(await files.Blocks.FindAsync(1));

        await LimitPagesAsync(files.Blocks.File, room: 100_000);
        Assert.Equal(AppendResult.Durable, await files.Blocks.AppendAsync(large));
    }

    [Fact]
    public async Task Full_disk_leaves_nothing_of_a_projection_batch()
    {
        await using var files = await SqliteStorage.OpenAsync(_folder.Path);
        var batch = new ProjectionBatch(
            0, 9, [], [.. Enumerable.Range(0, 20_000).Select(i => new BalanceRow(new Id(1, (ulong)i), "USD", new Id(0, 1), 5, 0))], [], [], [], [], [], []);
        await LimitPagesAsync(files.Projections.File, room: 50);

        Assert.Equal(StorageFaultCode.Full, (await Assert.ThrowsAsync<StorageFault>(() => files.Projections.ApplyAsync(batch))).Code);
        Assert.Null(await files.Projections.HeightAsync());
        Assert.Empty((await files.Projections.HoldersAsync(new Id(0, 1), null, 5)).Value);

        await LimitPagesAsync(files.Projections.File, room: 100_000);
        Assert.True(await files.Projections.ApplyAsync(batch));
    }

    [Fact]
    public async Task Data_folder_that_is_a_file_is_denied()
    {
        await File.WriteAllTextAsync(_folder.File("data"), "");
        var fault = await Assert.ThrowsAsync<StorageFault>(() => SqliteStorage.OpenAsync(_folder.File("data")));
        Assert.Equal(StorageFaultCode.Denied, fault.Code);
    }

    [Fact]
    public async Task New_data_folder_is_its_owners_alone()
    {
        await (await SqliteStorage.OpenAsync(_folder.File("new"))).DisposeAsync();
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_folder.File("new")));
        }
    }

    [Fact]
    public async Task Reading_a_folder_without_a_ledger_says_so_and_creates_nothing()
    {
        await AssertFaultAsync(StorageFaultCode.Missing, readOnly: true, "no ledger", _folder.Path);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));

        var fault = await Assert.ThrowsAsync<StorageFault>(() => SqliteStorage.OpenAsync(_folder.File("nowhere"), readOnly: true));
        Assert.Equal(StorageFaultCode.Missing, fault.Code);
        Assert.False(Directory.Exists(_folder.File("nowhere")));
    }

    private async Task FillAsync(int blocks)
    {
        await using var files = await SqliteStorage.OpenAsync(_folder.Path);
        for (var height = 0; height < blocks; height++)
        {
            await files.Blocks.AppendAsync(Block(height, 1000));
        }
    }

    private static StoredBlock Block(int height, int size) => new(
        (ulong)height, new Hash32((ulong)height, 1, 0, 0), height == 0 ? default : new Hash32((ulong)height - 1, 1, 0, 0), Unpackable(size));

    /// <summary>Bytes that lie as they are, however a store packs.</summary>
    private static byte[] Unpackable(int size) =>
        [.. Enumerable.Range(0, (size / SHA256.HashSizeInBytes) + 1).SelectMany(part => SHA256.HashData(BitConverter.GetBytes(part))).Take(size)];

    /// <summary>SQLite fails with the disk's "full" once the file would have more than so many pages beyond today's.</summary>
    private static Task<int> LimitPagesAsync(SqliteFile file, int room) => file.WriteAsync(
        session =>
        {
            var pages = session.Statement("PRAGMA page_count").Rows(row => row.Int(0)).Single();
            session.Script($"PRAGMA max_page_count = {pages + room}");
            return pages;
        },
        CancellationToken.None);

    private Task AssertFaultAsync(string code, params string[] words) => AssertFaultAsync(code, readOnly: false, words);

    private async Task AssertFaultAsync(string code, bool readOnly, params string[] words)
    {
        var fault = await Assert.ThrowsAsync<StorageFault>(async () =>
        {
            await using var files = await SqliteStorage.OpenAsync(_folder.Path, readOnly: readOnly);
            await files.Blocks.HeadAsync();
        });
        Assert.Equal(code, fault.Code);
        Assert.All(words, word => Assert.Contains(word, fault.Message, StringComparison.Ordinal));
    }
}
