using Humanitarian.Chain.Crypto;
using Humanitarian.Chain.Keys;
using Humanitarian.Domain;
using Humanitarian.Host.Configuration;

namespace Humanitarian.Host.Setup;

/// <summary>The keys that a running ledger needs.</summary>
/// <param name="Sealer">The private key that signs blocks.</param>
/// <param name="Pepper">Mixed into the hashes of API keys.</param>
/// <param name="Matching">Key of the hashes that identifiers of persons become.</param>
internal sealed record LedgerKeys(byte[] Sealer, ClaimKey Claim, byte[] Pepper, byte[] Matching)
{
    public Address SealerAddress => Secp256k1.AddressOf(Sealer);
}

/// <summary>
/// The folder of keys, outside the data folder. Every file is its owner's alone. <c>offline/</c> holds what the server never needs:
/// the recovery key and the first administrator's signing key, with their password.
/// </summary>
internal sealed class KeyFolder(KeysSettings settings, IRandomSource random)
{
    private const string FolderSetting = "Keys:Folder";
    private const string PasswordSetting = "Keys:PasswordFile";
    private const int SecretBytes = 32;

    public string Folder { get; } = Path.GetFullPath(settings.Folder);

    public string PasswordFile { get; } = Path.GetFullPath(settings.PasswordFile.Length > 0 ? settings.PasswordFile : Path.Combine(settings.Folder, "password"));

    public string SealerFile => Path.Combine(Folder, "sealer.json");

    public string ClaimKeyFile => Path.Combine(Folder, "claim.key");

    public string OfflineFolder => Path.Combine(Folder, "offline");

    private string NextSealerFile => Path.Combine(Folder, "sealer-next.json");

    private string PepperFile => Path.Combine(Folder, "pepper.key");

    private string MatchingFile => Path.Combine(Folder, "matching.key");

    /// <summary>Waits until no other process makes keys here; disposing lets the next one in.</summary>
    /// <exception cref="StartupFault">The folder cannot be made or written, or another process holds it too long.</exception>
    public Task<IDisposable> LockAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        PrivateFiles.CreateFolder(Folder, FolderSetting);
        return PrivateFiles.LockAsync(Path.Combine(Folder, "lock"), FolderSetting, time, cancellationToken);
    }

    /// <summary>Makes whatever is not there yet: for a first start, also one that was interrupted.</summary>
    public async Task CreateAsync(CancellationToken cancellationToken)
    {
        PrivateFiles.CreateFolder(Folder, FolderSetting);
        if (!File.Exists(PasswordFile))
        {
            await PrivateFiles.WriteNewAsync(PasswordFile, Convert.ToHexStringLower(Draw()), PasswordSetting, cancellationToken);
        }

        if (!File.Exists(SealerFile))
        {
            var password = await PrivateFiles.ReadAsync(PasswordFile, PasswordSetting, cancellationToken);
            await PrivateFiles.WriteNewAsync(SealerFile, Keystore.Encrypt(NewPrivateKey(), password, random), FolderSetting, cancellationToken);
        }

        foreach (var file in new[] { ClaimKeyFile, PepperFile, MatchingFile }.Where(file => !File.Exists(file)))
        {
            await PrivateFiles.WriteNewAsync(file, Convert.ToHexStringLower(Draw()), FolderSetting, cancellationToken);
        }
    }

    /// <summary>Reads the keys of an existing ledger.</summary>
    /// <exception cref="StartupFault">A file is missing, exposed or damaged, or the password is wrong.</exception>
    public async Task<LedgerKeys> ReadAsync(CancellationToken cancellationToken)
    {
        var password = await PrivateFiles.ReadAsync(PasswordFile, PasswordSetting, cancellationToken);
        var opened = Keystore.Decrypt(await PrivateFiles.ReadAsync(SealerFile, FolderSetting, cancellationToken), password);
        if (!opened.IsOpened)
        {
            var wrongPassword = opened.Refusal == KeystoreRefusals.WrongPassword;
            throw new StartupFault(
                wrongPassword ? StartupCode.PasswordWrong : StartupCode.KeyFileDamaged,
                wrongPassword
                    ? $"The password in {PasswordFile} does not open {SealerFile} (setting {PasswordSetting}). Name the password file made with this key."
                    : $"{SealerFile}: {opened.Refusal.Message} (setting {FolderSetting})");
        }

        return new LedgerKeys(
            opened.PrivateKey,
            new ClaimKey(await SecretAsync(ClaimKeyFile, cancellationToken)),
            await SecretAsync(PepperFile, cancellationToken),
            await SecretAsync(MatchingFile, cancellationToken));
    }

    /// <summary>
    /// A private key for safekeeping elsewhere, under the offline folder's own password: the one that an earlier start made, else a new
    /// one. It is never replaced, since another ledger may know it.
    /// </summary>
    /// <exception cref="StartupFault">The file that is there does not open.</exception>
    public async Task<byte[]> OfflineAsync(string name, CancellationToken cancellationToken)
    {
        PrivateFiles.CreateFolder(OfflineFolder, FolderSetting);
        var passwordFile = Path.Combine(OfflineFolder, "password");
        if (!File.Exists(passwordFile))
        {
            await PrivateFiles.WriteNewAsync(passwordFile, Convert.ToHexStringLower(Draw()), FolderSetting, cancellationToken);
        }

        var password = await PrivateFiles.ReadAsync(passwordFile, FolderSetting, cancellationToken);
        var file = Path.Combine(OfflineFolder, name + ".json");
        if (File.Exists(file))
        {
            var opened = Keystore.Decrypt(await PrivateFiles.ReadAsync(file, FolderSetting, cancellationToken), password);
            return opened.IsOpened
                ? opened.PrivateKey
                : throw new StartupFault(StartupCode.KeyFileDamaged, $"{file}: {opened.Refusal.Message} Or name a new folder (setting {FolderSetting}).");
        }

        var key = NewPrivateKey();
        await PrivateFiles.WriteNewAsync(file, Keystore.Encrypt(key, password, random), FolderSetting, cancellationToken);
        return key;
    }

    /// <summary>True when a rotation has made the next sealer key and not put it in place.</summary>
    public bool HasPreparedSealer => File.Exists(NextSealerFile);

    /// <summary>Makes the next sealer key, or finds the one of an interrupted rotation, beside the one in use.</summary>
    public async Task<byte[]> PrepareSealerAsync(CancellationToken cancellationToken)
    {
        var password = await PrivateFiles.ReadAsync(PasswordFile, PasswordSetting, cancellationToken);
        if (!File.Exists(NextSealerFile))
        {
            await PrivateFiles.WriteNewAsync(NextSealerFile, Keystore.Encrypt(NewPrivateKey(), password, random), FolderSetting, cancellationToken);
        }

        var opened = Keystore.Decrypt(await PrivateFiles.ReadAsync(NextSealerFile, FolderSetting, cancellationToken), password);
        return opened.IsOpened ? opened.PrivateKey : throw new StartupFault(StartupCode.KeyFileDamaged, $"{NextSealerFile}: {opened.Refusal.Message} (setting {FolderSetting})");
    }

    /// <summary>Puts the prepared sealer key in the place of the old one, which is kept under the time the new one was made.</summary>
    public void InstallPreparedSealer()
    {
        File.Move(SealerFile, Path.Combine(Folder, $"sealer-until-{File.GetLastWriteTimeUtc(NextSealerFile):yyyyMMddHHmmssfff}.json"));
        File.Move(NextSealerFile, SealerFile);
    }

    /// <summary>A new private key.</summary>
    public byte[] NewPrivateKey() => PrivateKeys.New(random);

    /// <summary>Reads a claim key's file, as an auditor receives it.</summary>
    public static async Task<ClaimKey> ReadClaimKeyAsync(string file, CancellationToken cancellationToken) =>
        new(Secret(file, await PrivateFiles.ReadAsync(file, "--claim-key", cancellationToken)));

    private static async Task<byte[]> SecretAsync(string file, CancellationToken cancellationToken) =>
        Secret(file, await PrivateFiles.ReadAsync(file, FolderSetting, cancellationToken));

    private static byte[] Secret(string file, string text) => Hash32.TryParse(text, out var secret)
        ? secret.ToArray()
        : throw new StartupFault(StartupCode.KeyFileDamaged, $"{file} is no key of 64 hexadecimal digits (setting {FolderSetting}). Restore it from a backup.");

    private byte[] Draw()
    {
        var bytes = new byte[SecretBytes];
        random.Fill(bytes);
        return bytes;
    }
}

/// <summary>Private keys of secp256k1.</summary>
internal static class PrivateKeys
{
    public static byte[] New(IRandomSource random)
    {
        var key = new byte[Hash32.Size];
        do
        {
            random.Fill(key);
        }
        while (!Secp256k1.IsValidPrivateKey(key));

        return key;
    }
}
