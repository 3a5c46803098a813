using System.Security.Cryptography;
using System.Text;
using Humanitarian.Domain;
using Humanitarian.Storage.Blocks;
using Humanitarian.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace Humanitarian.Storage.Tests.Sqlite;

/// <summary>What SQLite's block file promises beyond the contract.</summary>
public sealed class SqliteBlockFileTests : IAsyncLifetime
{
    private const string Secret = "a closed part that names a person";

    private readonly TemporaryFolder _folder = new();
    private SqliteLedgerFiles _files = null!;

    public async ValueTask InitializeAsync()
    {
        _files = await SqliteStorage.OpenAsync(_folder.Path);
        for (var height = 0; height < 5; height++)
        {
            await _files.Blocks.AppendAsync(Block(height));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _files.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("UPDATE blocks SET bytes = x'00' WHERE height = 1")]
    [InlineData("DELETE FROM blocks")]
    [InlineData("DELETE FROM blocks WHERE height = 4")]
    [InlineData("INSERT OR REPLACE INTO blocks SELECT height, hash, previous, x'00', NULL FROM blocks WHERE height = 4")]
    public async Task Changing_or_deleting_a_block_is_refused(string sql)
    {
        var error = await Assert.ThrowsAsync<SqliteException>(() => WriteAsync(session => session.Statement(sql).Run()));
        Assert.Contains("a block is never", error.Message, StringComparison.Ordinal);
        Assert.Equal(Block(4).Bytes.ToArray(), (await _files.Blocks.FindAsync(4))!.Bytes.ToArray());
    }

    [Theory]
    [InlineData("blocks")]
    [InlineData("projections")]
    [InlineData("side")]
    [InlineData("matching")]
    public async Task Each_commit_is_synced_to_a_write_ahead_log_and_leaves_no_trace_of_what_was_deleted(string name)
    {
        var file = name switch
        {
            "blocks" => _files.Blocks.File,
            "projections" => _files.Projections.File,
            "side" => _files.Side.File,
            _ => _files.Matching.File,
        };
        Assert.Equal(_folder.File(name + ".db"), file.Path);
        var settings = await file.WriteAsync(
            session => (
                session.Statement("PRAGMA journal_mode").Rows(row => row.Text(0)).Single(),
                session.Statement("PRAGMA synchronous").Rows(row => row.Int(0)).Single(),
                session.Statement("PRAGMA secure_delete").Rows(row => row.Int(0)).Single()),
            CancellationToken.None);
        Assert.Equal(("wal", 2, 1), settings);
    }

    [Fact]
    public async Task Every_acknowledged_block_is_in_the_files_that_a_kill_would_leave()
    {
        using var killed = new TemporaryFolder();
        _folder.CopyTo(killed);
        await using var files = await SqliteStorage.OpenAsync(killed.Path);
        Assert.Equal(4ul, (await files.Blocks.HeadAsync())?.Height);
        Assert.Equal(AppendResult.Durable, await files.Blocks.AppendAsync(Block(5)));
    }

    [Fact]
    public async Task Reading_what_a_killed_server_left_sees_every_acknowledged_block()
    {
        using var killed = new TemporaryFolder();
        _folder.CopyTo(killed);
        var before = FilesIn(killed);
        await using var reader = await SqliteStorage.OpenAsync(killed.Path, readOnly: true);
        Assert.Equal(4ul, (await reader.Blocks.HeadAsync())?.Height);
        Assert.Equal(before, FilesIn(killed));
    }

    [Fact]
    public async Task Reads_do_not_wait_for_a_write_and_a_cancelled_append_behind_it_writes_nothing()
    {
        using var begun = new SemaphoreSlim(0);
        using var release = new ManualResetEventSlim();
        using var cancel = new CancellationTokenSource();
        var writing = WriteAsync(session => session.Write(() =>
        {
            begun.Release();
            release.Wait();
            return 0;
        }));
        await begun.WaitAsync();

        var appending = _files.Blocks.AppendAsync(Block(5), cancel.Token);
        Assert.Equal(4ul, (await _files.Blocks.HeadAsync())?.Height);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => appending);

        release.Set();
        await writing;
        Assert.Equal(4ul, (await _files.Blocks.HeadAsync())?.Height);
    }

    [Fact]
    public async Task Opening_syncs_what_a_killed_process_left_in_the_log()
    {
        using var killed = new TemporaryFolder();
        _folder.CopyTo(killed);
        Assert.NotEqual(0, new FileInfo(killed.File("blocks.db-wal")).Length);
        await using var files = await SqliteStorage.OpenAsync(killed.Path);
        Assert.Equal(0, new FileInfo(killed.File("blocks.db-wal")).Length);
    }

    [Fact]
    public async Task Redaction_replaces_the_bytes_and_leaves_none_of_the_old_ones_on_disk()
    {
        Assert.True(await _files.Blocks.RedactAsync(2, Block(2).Hash, "redacted"u8.ToArray()));
        Assert.Equal("redacted"u8.ToArray(), (await _files.Blocks.FindAsync(2))!.Bytes.ToArray());
        Assert.Equal(Block(2).Hash, (await _files.Blocks.FindAsync(2))!.Hash);

        var error = await Assert.ThrowsAsync<SqliteException>(() => WriteAsync(session => session.Statement("UPDATE blocks SET bytes = x'00'").Run()));
        Assert.Contains("never changed", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret + " 2", await OnDiskAsync(), StringComparison.Ordinal);
        Assert.Contains(Secret + " 3", await OnDiskAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_block_whose_bytes_recur_lies_packed_and_comes_back_whole_until_it_is_damaged()
    {
        byte[] bytes = [.. Enumerable.Range(0, 1000).SelectMany(_ => "the same again, "u8.ToArray())];
        Assert.Equal(AppendResult.Durable, await _files.Blocks.AppendAsync(Block(5) with { Bytes = bytes }));
        Assert.Equal(bytes, (await _files.Blocks.FindAsync(5))!.Bytes.ToArray());
        var packed = await WriteAsync(session => session.Statement("SELECT length(bytes) FROM blocks WHERE height = 5").Rows(row => row.Int(0)).Single());
        Assert.InRange(packed, 1, 200);

        await WriteAsync(session =>
        {
            session.Script("DROP TRIGGER blocks_never_updated; UPDATE blocks SET bytes = x'00' WHERE height = 5");
            return 0;
        });
        Assert.Equal([0], (await _files.Blocks.FindAsync(5))!.Bytes.ToArray());
    }

    [Fact]
    public async Task Redaction_of_another_block_than_the_one_named_does_nothing()
    {
        Assert.False(await _files.Blocks.RedactAsync(2, Block(3).Hash, new byte[1]));
        Assert.False(await _files.Blocks.RedactAsync(9, Block(3).Hash, new byte[1]));
        Assert.Equal(Block(2).Bytes.ToArray(), (await _files.Blocks.FindAsync(2))!.Bytes.ToArray());
    }

    [Fact]
    public async Task Reading_beside_a_running_server_sees_new_blocks_and_creates_no_file()
    {
        var before = FilesIn(_folder);
        await using var reader = await SqliteStorage.OpenAsync(_folder.Path, readOnly: true);
        Assert.Equal(4ul, (await reader.Blocks.HeadAsync())?.Height);
        await _files.Blocks.AppendAsync(Block(5));
        Assert.Equal(5ul, (await reader.Blocks.HeadAsync())?.Height);
        Assert.Equal(before, FilesIn(_folder));
        await Assert.ThrowsAsync<InvalidOperationException>(() => reader.Blocks.AppendAsync(Block(6)));
    }

    [Fact]
    public async Task Reading_a_closed_ledger_creates_no_file()
    {
        await _files.DisposeAsync();
        var before = FilesIn(_folder);
        await using (var reader = await SqliteStorage.OpenAsync(_folder.Path, readOnly: true))
        {
            Assert.Equal(4ul, (await reader.Blocks.HeadAsync())?.Height);
            Assert.Null(await reader.Projections.HeightAsync());
            Assert.Equal(before, FilesIn(_folder));
        }

        Assert.Equal(before, FilesIn(_folder));
        Assert.DoesNotContain(before, name => name.EndsWith("-wal", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_copied_block_file_can_be_read_on_its_own()
    {
        await _files.DisposeAsync();
        using var handed = new TemporaryFolder();
        File.Copy(_folder.File("blocks.db"), handed.File("blocks.db"));
        await using var blocks = await SqliteBlockStore.OpenToReadAsync(handed.Path);
        Assert.Equal(Block(3).Bytes.ToArray(), (await blocks.FindAsync(3))!.Bytes.ToArray());
    }

    private static StoredBlock Block(int height) => new(
        (ulong)height,
        new Hash32((ulong)height, 1, 0, 0),
        height == 0 ? default : new Hash32((ulong)height - 1, 1, 0, 0),
        Unpackable(height).Concat(Encoding.UTF8.GetBytes($"{Secret} {height}")).ToArray());

    /// <summary>Nine thousand bytes that cannot be packed, so that they lie as they are.</summary>
    private static IEnumerable<byte> Unpackable(int height) =>
        Enumerable.Range(0, 300).SelectMany(part => SHA256.HashData(BitConverter.GetBytes((1000 * height) + part)));

    private static List<string> FilesIn(TemporaryFolder folder) => [.. Directory.GetFiles(folder.Path).Order(StringComparer.Ordinal)];

    private async Task<string> OnDiskAsync()
    {
        var text = new StringBuilder();
        foreach (var path in Directory.GetFiles(_folder.Path, "blocks.db*"))
        {
            await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(file, Encoding.Latin1);
            text.Append(await reader.ReadToEndAsync());
        }

        return text.ToString();
    }

    private Task<int> WriteAsync(Func<SqliteSession, int> work) => _files.Blocks.File.WriteAsync(work, CancellationToken.None);
}
