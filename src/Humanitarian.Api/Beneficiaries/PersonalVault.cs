using System.Security.Cryptography;
using System.Text;
using Humanitarian.Api.GraphQL;
using Humanitarian.Chain.Crypto;
using Humanitarian.Domain;
using Humanitarian.Grains.Commands;
using Humanitarian.Storage.Side;

namespace Humanitarian.Api.Beneficiaries;

/// <summary>
/// Side documents that concern a person, encrypted under a key of that person's own; the keys are wrapped under a secret that lies
/// outside the data folder. To forget a person is to destroy their key: what was copied or backed up is then unreadable too.
/// </summary>
public sealed class PersonalVault(ISideStore store, IRandomSource random, HumanitarianApiOptions options)
{
    /// <summary>Bytes of a salt.</summary>
    public const int SaltBytes = 16;

    private const string KeyKind = "person-key";
    private const int KeyBytes = 32;

    private readonly byte[] wrapping = options.Derive("personal data");
    private readonly byte[] salting = options.Derive("salts of personal data");

    /// <summary>Salt of what a command brings, so that its hash on the ledger tells nothing: the same again for the same command.</summary>
    public byte[] SaltOf(CommandContext command)
    {
        byte[] name = [.. command.Principal.ToBytes(), .. Encoding.UTF8.GetBytes(command.Key)];
        return HMACSHA256.HashData(salting, name)[..SaltBytes];
    }

    /// <summary>A document with its content encrypted.</summary>
    public async Task<SideDocument> SealAsync(
        Id person, string kind, string key, Id owner, long version, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default) =>
        new(kind, key, owner.ToString(), version, Encrypt(await KeyAsync(person, owner, cancellationToken), content.Span, Bound(person, kind, key)));

    /// <summary>A document's content; null once the person is forgotten.</summary>
    /// <exception cref="CryptographicException">The document is not what was sealed for this person under this name.</exception>
    public async Task<byte[]?> OpenAsync(Id person, SideDocument document, CancellationToken cancellationToken = default) =>
        await store.FindAsync(KeyKind, person.ToString(), cancellationToken) is { } wrapped
            ? Decrypt(Unwrap(wrapped), document.Json, Bound(person, document.Kind, document.Key))
            : null;

    /// <summary>True while there is a key of a person.</summary>
    public async Task<bool> HasKeyAsync(Id person, CancellationToken cancellationToken = default) => await store.FindAsync(KeyKind, person.ToString(), cancellationToken) is not null;

    /// <summary>Destroys a person's key; false when there is none.</summary>
    public Task<bool> ForgetAsync(Id person, CancellationToken cancellationToken = default) => store.DeleteAsync(KeyKind, person.ToString(), cancellationToken);

    private async Task<byte[]> KeyAsync(Id person, Id owner, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await store.FindAsync(KeyKind, person.ToString(), cancellationToken) is { } known)
            {
                return Unwrap(known);
            }

            var key = new byte[KeyBytes];
            random.Fill(key);
            if (await store.PutAsync(
                new SideDocument(KeyKind, person.ToString(), owner.ToString(), 0, Encrypt(wrapping, key, Bound(person, KeyKind, person.ToString()))), cancellationToken))
            {
                return key;
            }
        }
    }

    private byte[] Unwrap(SideDocument wrapped) => Decrypt(wrapping, wrapped.Json, Bound(Id.Parse(wrapped.Key), KeyKind, wrapped.Key));

    private string Encrypt(byte[] key, ReadOnlySpan<byte> content, byte[] bound) => SealedText.Seal(key, random, content, bound);

    private static byte[] Decrypt(byte[] key, string text, byte[] bound) =>
        SealedText.Open(key, text, bound) ?? throw new CryptographicException("A sealed document is not what was sealed here.");

    // Nobody who writes into the database passes one document off as another.
    private static byte[] Bound(Id person, string kind, string key) => Encoding.UTF8.GetBytes($"{person}\0{kind}\0{key}");
}
