using System.Text.Json.Nodes;
using CsCheck;
using Humanitarian.Chain.Crypto;
using Humanitarian.Chain.Keys;

namespace Humanitarian.Chain.Tests.Keys;

public sealed class KeystoreTests
{
    private const string Secret = "7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d";

    // The test vectors of the Web3 Secret Storage Definition.
    private const string Pbkdf2File = """
        {
          "crypto": {
            "cipher": "aes-128-ctr",
            "cipherparams": { "iv": "6087dab2f9fdbbfaddc31a909735c1e6" },
            "ciphertext": "5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46",
            "kdf": "pbkdf2",
            "kdfparams": { "c": 262144, "dklen": 32, "prf": "hmac-sha256", "salt": "ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd" },
            "mac": "517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2"
          },
          "id": "3198bc9c-6672-5ab3-d995-4942343ae5b6",
          "version": 3
        }
        """;

    private const string ScryptFile = """
        {
          "crypto": {
            "cipher": "aes-128-ctr",
            "cipherparams": { "iv": "83dbcc02d8ccb40e466191a123791e0e" },
            "ciphertext": "d172bf743a674da9cdad04534d56926ef8358534d458fffccd4e6ad2fbde479c",
            "kdf": "scrypt",
            "kdfparams": { "dklen": 32, "n": 262144, "r": 1, "p": 8, "salt": "ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19" },
            "mac": "2103ac29920d71da29f15d75b4a16dbe95cfd7ff8faea1056c33131d846e3097"
          },
          "id": "3198bc9c-6672-5ab3-d995-4942343ae5b6",
          "version": 3
        }
        """;

    // Written by ethers 6.
    private const string EthersFile = """{"address":"2c7536e3605d9c16a7a3d7b1898e529396a65c23","id":"5f7854c2-d147-49c8-ab42-e67e68e0b6d0","version":3,"Crypto":{"cipher":"aes-128-ctr","cipherparams":{"iv":"316bc1510314d13ebfc07fec14ded3a2"},"ciphertext":"f75ac07f25b814d7a882dc3bc2a59cec63207180eca724021a35154abee9d52b","kdf":"scrypt","kdfparams":{"salt":"546d3b3421bba4ad9e0e00efc8371e9af20f851248a974c9055ea75435208e62","n":8192,"dklen":32,"p":1,"r":8},"mac":"ebb42f2e7455092059c2b8f500b8ec363f875eb368f8d24046cbacaa95e41a33"}}""";

    private const string EthersPassword = "correct horse battery staple";

    private static readonly KeystoreKdf Quick = new ScryptKdf(16, 8, 1);

    [Fact]
    public void The_published_PBKDF2_file_opens() =>
        Assert.Equal(Secret, Convert.ToHexStringLower(Keystore.Decrypt(Pbkdf2File, "testpassword").PrivateKey!));

    [Fact]
    public void The_published_scrypt_file_opens_from_its_derived_key()
    {
        var crypto = JsonNode.Parse(ScryptFile)!["crypto"]!;
        var file = new KeystoreFile(
            Quick,
            [],
            Convert.FromHexString(crypto["cipherparams"]!["iv"]!.GetValue<string>()),
            Convert.FromHexString(crypto["ciphertext"]!.GetValue<string>()),
            Convert.FromHexString(crypto["mac"]!.GetValue<string>()),
            null);
        var derived = Convert.FromHexString("fac192ceb5fd772906bea3e118a69e8bbb5cc24229e20d8766fd298291bba6bd");
        Assert.Equal(Secret, Convert.ToHexStringLower(Keystore.Open(derived, file).PrivateKey!));
        Assert.Equal(KeystoreRefusals.UnsupportedKdf, Keystore.Decrypt(ScryptFile, "testpassword").Refusal);
    }

    [Fact]
    public void A_file_written_by_ethers_opens() =>
        Assert.Equal(
            "4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318",
            Convert.ToHexStringLower(Keystore.Decrypt(EthersFile, EthersPassword).PrivateKey!));

    [Fact]
    public void What_was_encrypted_opens_with_its_password_alone() =>
        Gen.Select(Gen.Byte.Array[32].Where(key => Secp256k1.IsValidPrivateKey(key)), Gen.String[0, 30], Gen.Int[0, int.MaxValue]).Sample((key, password, seed) =>
        {
            var json = Keystore.Encrypt(key, password, new CountingSource(seed), Quick);
            Assert.Equal(key, Keystore.Decrypt(json, password).PrivateKey);
            Assert.Equal(KeystoreRefusals.WrongPassword, Keystore.Decrypt(json, password + "x").Refusal);
        }, iter: 50);

    [Fact]
    public void A_file_with_PBKDF2_is_written_and_opens()
    {
        var key = Convert.FromHexString(Secret);
        var json = Keystore.Encrypt(key, "aid", new CountingSource(1), new Pbkdf2Kdf(1000));
        Assert.Equal(key, Keystore.Decrypt(json, "aid").PrivateKey);
    }

    [Fact]
    public void The_default_derivation_opens_and_every_file_has_its_own_salt()
    {
        var key = Convert.FromHexString(Secret);
        var json = Keystore.Encrypt(key, "aid", new SystemRandomSource());
        Assert.Equal(key, Keystore.Decrypt(json, "aid").PrivateKey);
        Assert.Equal(131072, JsonNode.Parse(json)!["crypto"]!["kdfparams"]!["n"]!.GetValue<int>());
        Assert.NotEqual(
            Keystore.Encrypt(key, "aid", new SystemRandomSource(), Quick),
            Keystore.Encrypt(key, "aid", new SystemRandomSource(), Quick));
    }

    [Fact]
    public void The_same_randomness_gives_the_same_file_under_a_version_4_id()
    {
        var key = Convert.FromHexString(Secret);
        var json = Keystore.Encrypt(key, "aid", new CountingSource(5), Quick);
        Assert.Equal(json, Keystore.Encrypt(key, "aid", new CountingSource(5), Quick));
        var id = JsonNode.Parse(json)!["id"]!.GetValue<string>();
        Assert.Equal('4', id[14]);
        Assert.Contains(id[19], "89ab");
    }

    [Fact]
    public void Bytes_that_are_no_private_key_are_not_encrypted()
    {
        Assert.Throws<ArgumentException>(() => Keystore.Encrypt(new byte[32], "aid", new CountingSource(1), Quick));
        Assert.Throws<ArgumentException>(() => Keystore.Encrypt(new byte[31], "aid", new CountingSource(1), Quick));
    }

    [Theory]
    [InlineData("version", "4", nameof(KeystoreRefusals.UnsupportedVersion))]
    [InlineData("version", "1", nameof(KeystoreRefusals.UnsupportedVersion))]
    [InlineData("version", "\"three\"", nameof(KeystoreRefusals.Damaged))]
    [InlineData("version", null, nameof(KeystoreRefusals.Damaged))]
    [InlineData("Crypto", null, nameof(KeystoreRefusals.Damaged))]
    [InlineData("Crypto", "[]", nameof(KeystoreRefusals.Damaged))]
    [InlineData("Crypto.cipher", "\"aes-256-gcm\"", nameof(KeystoreRefusals.UnsupportedCipher))]
    [InlineData("Crypto.cipherparams.iv", "\"00\"", nameof(KeystoreRefusals.Damaged))]
    [InlineData("Crypto.cipherparams.iv", null, nameof(KeystoreRefusals.Damaged))]
    [InlineData("Crypto.ciphertext", "\"xyz\"", nameof(KeystoreRefusals.Damaged))]
    [InlineData("Crypto.ciphertext", "\"00\"", nameof(KeystoreRefusals.Damaged))]
    [InlineData("Crypto.ciphertext", "\"f75ac07f25b814d7a882dc3bc2a59cec63207180eca724021a35154abee9d52c\"", nameof(KeystoreRefusals.WrongPassword))]
    [InlineData("Crypto.mac", "\"ebb42f2e7455092059c2b8f500b8ec363f875eb368f8d24046cbacaa95e41a34\"", nameof(KeystoreRefusals.WrongPassword))]
    [InlineData("Crypto.mac", "17", nameof(KeystoreRefusals.Damaged))]
    [InlineData("Crypto.cipherparams.iv", "\"316bc1510314d13ebfc07fec14ded3a3\"", nameof(KeystoreRefusals.Damaged))]
    [InlineData("Crypto.kdf", "\"argon2id\"", nameof(KeystoreRefusals.UnsupportedKdf))]
    [InlineData("Crypto.kdfparams.dklen", "64", nameof(KeystoreRefusals.UnsupportedKdf))]
    [InlineData("Crypto.kdfparams.n", "8191", nameof(KeystoreRefusals.UnsupportedKdf))]
    [InlineData("Crypto.kdfparams.n", "0", nameof(KeystoreRefusals.UnsupportedKdf))]
    [InlineData("Crypto.kdfparams.n", "1073741824", nameof(KeystoreRefusals.UnsupportedKdf))]
    [InlineData("Crypto.kdfparams.n", "99999999999", nameof(KeystoreRefusals.Damaged))]
    [InlineData("Crypto.kdfparams.r", "2147483647", nameof(KeystoreRefusals.UnsupportedKdf))]
    [InlineData("Crypto.kdfparams.p", "2147483647", nameof(KeystoreRefusals.UnsupportedKdf))]
    [InlineData("Crypto.kdfparams.p", "0", nameof(KeystoreRefusals.UnsupportedKdf))]
    [InlineData("Crypto.kdfparams.salt", null, nameof(KeystoreRefusals.Damaged))]
    [InlineData("address", "\"0000000000000000000000000000000000000001\"", nameof(KeystoreRefusals.Damaged))]
    [InlineData("address", "\"nobody\"", nameof(KeystoreRefusals.Damaged))]
    public void A_file_that_cannot_be_opened_says_why(string path, string? value, string refusal)
    {
        var root = JsonNode.Parse(EthersFile)!;
        var names = path.Split('.');
        var parent = names[..^1].Aggregate(root, (node, name) => node[name]!);
        if (value is null) parent.AsObject().Remove(names[^1]);
        else parent[names[^1]] = JsonNode.Parse(value);

        var result = Keystore.Decrypt(root.ToJsonString(), EthersPassword);
        Assert.False(result.IsOpened);
        Assert.Equal(Named(refusal), result.Refusal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"version\":3,\"version\":3}")]
    public void Text_that_is_no_key_file_is_damaged(string json) =>
        Assert.Equal(KeystoreRefusals.Damaged, Keystore.Decrypt(json, "aid").Refusal);

    [Fact]
    public void A_PBKDF2_file_may_ask_for_no_more_than_a_bounded_count() =>
        Assert.Equal(
            KeystoreRefusals.UnsupportedKdf,
            Keystore.Decrypt(Pbkdf2File.Replace("262144", "2000000000", StringComparison.Ordinal), "testpassword").Refusal);

    private static object? Named(string refusal) => typeof(KeystoreRefusals).GetProperty(refusal)!.GetValue(null);

    private sealed class CountingSource(int seed) : IRandomSource
    {
        private int next = seed;

        public void Fill(Span<byte> destination)
        {
            foreach (ref var value in destination) value = unchecked((byte)next++);
        }
    }
}
