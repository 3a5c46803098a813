using Humanitarian.Chain.Crypto;
using Humanitarian.Chain.Keys;
using Humanitarian.Host.Configuration;
using Humanitarian.Host.Setup;
using Humanitarian.Storage.Sqlite;

namespace Humanitarian.Host.Tests;

[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public class KeyFolderTests
{
    private static readonly SystemRandomSource Source = new();

    [Fact]
    public async Task A_first_start_makes_a_ledger_and_a_restart_finds_it()
    {
        using var folder = new TemporaryFolder();
        var made = await OpenAsync(folder);
        Assert.NotNull(made.First);
        Assert.True(File.Exists(folder["keys/offline/recovery.json"]));

        var found = await OpenAsync(folder);
        Assert.Null(found.First);
        Assert.Equal((made.Ledger.Id, made.Genesis, made.Keys.SealerAddress), (found.Ledger.Id, found.Genesis, found.Keys.SealerAddress));
        Assert.Equal(made.Ledger.Sealer, found.Keys.SealerAddress);
    }

    [Fact]
    public async Task The_administrators_key_opens_from_the_offline_folder()
    {
        using var folder = new TemporaryFolder();
        var made = await OpenAsync(folder);
        var password = (await File.ReadAllTextAsync(folder["keys/offline/password"])).Trim();
        Assert.Equal(made.First!.AdministratorKey, Keystore.Decrypt(await File.ReadAllTextAsync(folder["keys/offline/administrator.json"]), password).PrivateKey);
    }

    [Fact]
    public async Task Every_key_file_is_its_owners_alone()
    {
        using var folder = new TemporaryFolder();
        await OpenAsync(folder);
        var files = Directory.GetFiles(folder["keys"], "*", SearchOption.AllDirectories);
        Assert.Equal(8, files.Length);
        Assert.All(files, file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
    }

    [Fact]
    public async Task An_interrupted_first_start_goes_on_with_the_keys_it_made()
    {
        using var folder = new TemporaryFolder();
        var keys = Keys(folder);
        await keys.CreateAsync(CancellationToken.None);
        var sealer = (await keys.ReadAsync(CancellationToken.None)).SealerAddress;
        Assert.Equal(sealer, (await OpenAsync(folder)).Ledger.Sealer);
    }

    [Fact]
    public async Task Recovery_keys_kept_elsewhere_are_named_in_genesis_and_none_is_made()
    {
        using var folder = new TemporaryFolder();
        var kept = Secp256k1.AddressOf(PrivateKeys.New(Source)).ToChecksumText();
        var ledger = await OpenAsync(folder, new LedgerSettings { Recovery = [kept] });
        Assert.Equal([kept], ledger.Ledger.Recovery.Select(address => address.ToChecksumText()));
        Assert.False(File.Exists(folder["keys/offline/recovery.json"]));
    }

    [Theory]
    [InlineData("keys/password", "not the password", StartupCode.PasswordWrong)]
    [InlineData("keys/password", null, StartupCode.KeyFileMissing)]
    [InlineData("keys/sealer.json", "{}", StartupCode.KeyFileDamaged)]
    [InlineData("keys/sealer.json", null, StartupCode.KeyFileMissing)]
    [InlineData("keys/claim.key", "0x00", StartupCode.KeyFileDamaged)]
    [InlineData("keys/claim.key", "0000000000000000000000000000000000000000000000000000000000000001", StartupCode.KeyMismatch)]
    [InlineData("keys/pepper.key", null, StartupCode.KeyFileMissing)]
    public async Task A_wrong_key_file_is_named(string file, string? content, string code)
    {
        using var folder = new TemporaryFolder();
        await OpenAsync(folder);
        if (content is null)
        {
            File.Delete(folder[file]);
        }
        else
        {
            await File.WriteAllTextAsync(folder[file], content);
        }

        var fault = await Assert.ThrowsAsync<StartupFault>(() => OpenAsync(folder));
        Assert.Equal(code, fault.Code);
        Assert.Contains(Path.GetFileName(file), fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_password_that_others_can_read_is_refused()
    {
        using var folder = new TemporaryFolder();
        await OpenAsync(folder);
        File.SetUnixFileMode(folder["keys/password"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        Assert.Equal(StartupCode.KeyFileExposed, (await Assert.ThrowsAsync<StartupFault>(() => OpenAsync(folder))).Code);
    }

    [Fact]
    public async Task A_key_is_made_and_never_overwritten()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["password"], "correct horse\n");
        File.SetUnixFileMode(folder["password"], UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var (code, output, _) = await HostProcess.RunAsync(folder.Path, "keys", "new", "member.json", "--password-file", "password", "--json");
        Assert.Equal(0, code);
        var key = Keystore.Decrypt(await File.ReadAllTextAsync(folder["member.json"]), "correct horse");
        Assert.True(key.IsOpened);
        Assert.Contains(Secp256k1.AddressOf(key.PrivateKey).ToChecksumText(), output, StringComparison.Ordinal);

        var (again, _, errors) = await HostProcess.RunAsync(folder.Path, "keys", "new", "member.json", "--password-file", "password");
        Assert.Equal(1, again);
        Assert.Contains("never overwritten", errors, StringComparison.Ordinal);
    }

    private static KeyFolder Keys(TemporaryFolder folder) => new(new KeysSettings { Folder = folder["keys"] }, Source);

    private static async Task<OpenedLedger> OpenAsync(TemporaryFolder folder, LedgerSettings? settings = null)
    {
        await using var files = await SqliteStorage.OpenAsync(folder["data"]);
        return await new LedgerSetup(files.Blocks, Keys(folder), settings ?? new LedgerSettings(), TimeProvider.System, Source).OpenAsync(CancellationToken.None);
    }
}
