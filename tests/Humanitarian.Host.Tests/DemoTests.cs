using System.Text.Json.Nodes;
using Humanitarian.Chain.Blocks;
using Humanitarian.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace Humanitarian.Host.Tests;

/// <summary>One demo of 200 households, whose data the tests then verify, export and damage.</summary>
public sealed class DemoData : IAsyncLifetime
{
    private readonly TemporaryFolder folder = new();

    public JsonNode Figures { get; private set; } = null!;

    public string Errors { get; private set; } = "";

    public string Data => folder["demo"];

    /// <summary>A new copy of the data.</summary>
    public string Copy(string name)
    {
        Directory.CreateDirectory(folder[name]);
        foreach (var file in Directory.GetFiles(Data))
        {
            File.Copy(file, Path.Combine(folder[name], Path.GetFileName(file)));
        }

        return folder[name];
    }

    public string this[string name] => folder[name];

    public async ValueTask InitializeAsync()
    {
        var (code, output, errors) = await HostProcess.RunAsync(HostProcess.Repository, "demo", "--beneficiaries", "200", "--data", Data, "--json");
        Assert.True(code == 0, errors);
        (Figures, Errors) = (JsonNode.Parse(output)!, errors);
    }

    public ValueTask DisposeAsync()
    {
        folder.Dispose();
        return ValueTask.CompletedTask;
    }
}

public class DemoTests(DemoData demo) : IClassFixture<DemoData>
{
    private long this[string figure] => (long)demo.Figures[figure]!;

    [Fact]
    public void The_figures_add_up_to_the_minor_unit()
    {
        Assert.True(demo.Errors.Length == 0, demo.Errors);
        Assert.Equal(200, this["beneficiaries"]);
        Assert.True(this["rowsRefused"] > 0 && this["redeemedMinor"] > 0 && this["settledMinor"] > 0 && this["expiredMinor"] > 0 && this["heldMinor"] > 0);
        Assert.Equal(this["disbursedMinor"], this["redeemedMinor"] + this["expiredMinor"] + this["heldMinor"]);
        Assert.Equal(this["donatedMinor"], this["unspentMinor"] + this["disbursedMinor"] - this["expiredMinor"] + this["costsMinor"] + this["returnedMinor"]);
        Assert.True(this["settledMinor"] <= this["redeemedMinor"]);
        Assert.True((bool)demo.Figures["verified"]!);
    }

    [Fact]
    public async Task It_runs_from_another_folder_with_a_list_of_the_callers()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(
            folder["list.csv"],
            "household_id,size,amount,currency,phone\nA-1,4,120000,UGX,+254973787873\nA-2,2,80000,UGX,+254947475743\nA-3,2,-5,UGX,+254947475744\nA-4,1,50000,UGX,+254947475745\n");
        var (code, output, errors) = await HostProcess.RunAsync(folder.Path, "demo", "--list", "list.csv", "--data", "mine", "--json");
        Assert.True(code == 0, errors);
        var figures = JsonNode.Parse(output)!;
        Assert.Equal((3, 1, 250_000), ((int)figures["beneficiaries"]!, (int)figures["rowsRefused"]!, (int)figures["disbursedMinor"]!));
        Assert.True(File.Exists(folder["mine/blocks.db"]));
    }

    [Fact]
    public async Task Mutual_credit_sums_to_zero_and_verifies()
    {
        using var folder = new TemporaryFolder();
        var (code, output, errors) = await HostProcess.RunAsync(HostProcess.Repository, "demo", "--program", "mutual-credit", "--data", folder["exchange"], "--json");
        Assert.True(code == 0, errors);
        var figures = JsonNode.Parse(output)!;
        Assert.Equal((4, 5, 3, 0, -5_500), ((int)figures["members"]!, (int)figures["payments"]!, (int)figures["refused"]!, (int)figures["sumMinor"]!, (int)figures["fundMinor"]!));
        Assert.True((bool)figures["verified"]!);
    }

    [Fact]
    public async Task Cash_from_donors_of_two_currencies_adds_up_to_the_providers_books()
    {
        using var folder = new TemporaryFolder();
        var (code, output, errors) = await HostProcess.RunAsync(
            HostProcess.Repository, "demo", "--program", "cash", "--beneficiaries", "40", "--data", folder["cash"], "--json");
        Assert.True(code == 0, errors);
        var figures = JsonNode.Parse(output)!;
        long Of(string figure) => (long)figures[figure]!;
        Assert.Equal(Of("providerPaid"), Of("delivered"));
        Assert.Equal(Of("donated"), Of("unspent") + Of("delivered") + Of("fees"));
        Assert.True(Of("followedUp") > 0 && Of("fees") > 0);
        Assert.True((bool)figures["verified"]!);
    }

    [Fact]
    public async Task A_folder_with_a_ledger_is_not_used_again()
    {
        var (code, output, errors) = await HostProcess.RunAsync(HostProcess.Repository, "demo", "--data", demo.Data, "--json");
        Assert.Equal((2, ""), (code, output));
        Assert.Contains("holds a ledger already", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_that_is_none_is_refused_with_its_code()
    {
        await File.WriteAllBytesAsync(demo["binary.csv"], [0x50, 0x4b, 3, 4, 0, 0, 0, 0]);
        var (code, output, errors) = await HostProcess.RunAsync(HostProcess.Repository, "demo", "--list", demo["binary.csv"], "--data", demo["refused"], "--json");
        Assert.Equal((1, ""), (code, output));
        Assert.Contains("LIST_XLSX", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_data_is_verified_against_what_was_remembered()
    {
        Assert.Equal(0, (await RunAsync("head", "--data", demo.Data, demo["head.json"])).Code);
        var verified = await RunAsync(
            "verify", "--data", demo.Data, "--genesis", (string)demo.Figures["genesisHash"]!, "--head", demo["head.json"], "--claim-key", demo["demo-keys/claim.key"], "--json");
        Assert.Equal(0, verified.Code);
        var found = JsonNode.Parse(verified.Output)!;
        Assert.Equal((this["blocks"] - 1, this["transactions"]), ((long)found["height"]!, (long)found["transactions"]!));
        Assert.Equal(1, (await RunAsync("verify", "--data", demo.Data, "--genesis", new string('1', 64))).Code);
    }

    [Theory]
    [InlineData("full.export")]
    [InlineData("public.export", "--public")]
    public async Task An_export_verifies_and_a_flipped_byte_in_it_does_not(string name, params string[] more)
    {
        Assert.Equal(0, (await RunAsync(["export", "--data", demo.Data, demo[name], .. more])).Code);
        Assert.Equal(0, (await RunAsync("verify", "--export", demo[name], "--genesis", (string)demo.Figures["genesisHash"]!)).Code);

        var bytes = await File.ReadAllBytesAsync(demo[name]);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(demo[name + ".flipped"], bytes);
        var (code, output, _) = await RunAsync("verify", "--export", demo[name + ".flipped"]);
        Assert.Equal(1, code);
        Assert.Contains("BROKEN", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_flipped_byte_of_a_block_is_named_by_its_height()
    {
        const int height = 20;
        var copy = demo.Copy("flipped-block");
        await ChangeAsync(copy, "blocks.db", connection =>
        {
            // Whoever tampers does not stop at a trigger.
            foreach (var trigger in Strings(connection, "SELECT name FROM sqlite_master WHERE type = 'trigger'"))
            {
                Run(connection, $"DROP TRIGGER {trigger}");
            }

            using var read = Command(connection, "SELECT bytes FROM blocks WHERE height = $height", ("$height", height));
            var bytes = (byte[])read.ExecuteScalar()!;
            bytes[bytes.Length / 2] ^= 1;
            using var write = Command(connection, "UPDATE blocks SET bytes = $bytes WHERE height = $height", ("$height", height), ("$bytes", bytes));
            Assert.Equal(1, write.ExecuteNonQuery());
        });
        var (code, output, _) = await RunAsync("verify", "--data", copy, "--json");
        Assert.Equal(1, code);
        Assert.Equal(height, (int)JsonNode.Parse(output)!["failure"]!["height"]!);
    }

    [Fact]
    public async Task A_changed_balance_is_found_and_a_rebuild_mends_it()
    {
        var copy = demo.Copy("changed-balance");
        await ChangeAsync(copy, "projections.db", connection =>
        {
            using var change = Command(connection, "UPDATE balances SET available = available + 1 WHERE available = (SELECT max(available) FROM balances)");
            Assert.True(change.ExecuteNonQuery() > 0);
        });
        var (code, output, _) = await RunAsync("verify", "--data", copy);
        Assert.Equal(1, code);
        Assert.Contains("projections", output, StringComparison.Ordinal);

        Assert.Equal(0, (await RunAsync("rebuild", "--data", copy)).Code);
        Assert.Equal(0, (await RunAsync("verify", "--data", copy)).Code);
    }

    [Fact]
    public async Task A_truncated_database_is_named()
    {
        var copy = demo.Copy("truncated");
        var file = Path.Combine(copy, "blocks.db");
        await using (var stream = File.OpenWrite(file))
        {
            stream.SetLength(stream.Length / 3);
        }

        var (code, output, errors) = await RunAsync("verify", "--data", copy);
        Assert.Equal(1, code);
        Assert.Contains("blocks.db", output + errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_transaction_is_proved()
    {
        await using var blocks = await SqliteBlockStore.OpenToReadAsync(demo.Data);
        var hash = BlockCodec.Decode((await blocks.FindAsync(12))!.Bytes.Span).Transactions[0].Transaction.Hash();
        var (code, output, _) = await RunAsync("proof", hash.ToString(), "--data", demo.Data);
        Assert.Equal(0, code);
        var proof = Chain.Proofs.TransactionProof.FromJson(output);
        Assert.NotNull(proof);
        Assert.True(Chain.Proofs.TransactionProofs.Verify(proof));
        Assert.NotNull(proof.Later);
        Assert.Equal(1, (await RunAsync("proof", new string('0', 64), "--data", demo.Data)).Code);
    }

    [Fact]
    public async Task A_new_sealer_is_named_by_the_recovery_key_alone_and_the_chain_goes_on_under_it()
    {
        var copy = demo.Copy("rotated");
        CopyFolder(demo["demo-keys"], demo["rotated-keys"]);
        string[] rotate = ["keys", "rotate", "--data", copy, "--recovery-password-file", demo["rotated-keys/offline/password"], "--json", "--recovery"];
        var stolen = await RunAsync([.. rotate, demo["rotated-keys/offline/administrator.json"]]);
        Assert.Equal(1, stolen.Code);
        Assert.Contains("SIGNATURE_INVALID", stolen.Errors, StringComparison.Ordinal);

        var before = (string)JsonNode.Parse((await RunAsync("head", "--data", copy)).Output)!["header"]!["sealer"]!;
        var rotated = await RunAsync([.. rotate, demo["rotated-keys/offline/recovery.json"]]);
        Assert.True(rotated.Code == 0, rotated.Errors);
        var sealer = (string)JsonNode.Parse(rotated.Output)!["sealer"]!;
        Assert.NotEqual(before, sealer);

        // The next rotation begins with a block of its own, which the new key seals.
        var again = await RunAsync([.. rotate, demo["rotated-keys/offline/recovery.json"]]);
        Assert.True(again.Code == 0, again.Errors);
        Assert.Equal(sealer, (string)JsonNode.Parse((await RunAsync("head", "--data", copy)).Output)!["header"]!["sealer"]!, ignoreCase: true);
        Assert.Equal(0, (await RunAsync("verify", "--data", copy, "--claim-key", demo["rotated-keys/claim.key"])).Code);
    }

    private static void CopyFolder(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.GetFiles(from))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }

        foreach (var folder in Directory.GetDirectories(from))
        {
            CopyFolder(folder, Path.Combine(to, Path.GetFileName(folder)));
        }
    }

    private static Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments) => HostProcess.RunAsync(HostProcess.Repository, arguments);

    private static async Task ChangeAsync(string folder, string file, Action<SqliteConnection> change)
    {
        await using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path.Combine(folder, file), Pooling = false }.ToString());
        await connection.OpenAsync();
        change(connection);
    }

    private static SqliteCommand Command(SqliteConnection connection, string sql, params (string Name, object Value)[] parameters)
    {
        var command = connection.CreateCommand();
#pragma warning disable CA2100 // The text is this test's own.
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }

        return command;
    }

    private static void Run(SqliteConnection connection, string sql)
    {
        using var command = Command(connection, sql);
        command.ExecuteNonQuery();
    }

    private static List<string> Strings(SqliteConnection connection, string sql)
    {
        using var command = Command(connection, sql);
        using var reader = command.ExecuteReader();
        var strings = new List<string>();
        while (reader.Read())
        {
            strings.Add(reader.GetString(0));
        }

        return strings;
    }
}
