using System.Security.Cryptography;
using System.Text;
using Humanitarian.Api.Keys;
using Humanitarian.Domain;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace Humanitarian.Api.Provider;

/// <summary>A passphrase as it is stored: its hash by ASP.NET Core Identity.</summary>
internal sealed record StoredPassphrase(string Hash)
{
    /// <summary>Tells it from those before and after it; each hash has a salt of its own.</summary>
    public string Stamp() => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Hash)))[..32];
}

/// <summary>The passphrases by which members sign in at the own provider.</summary>
internal sealed class Passphrases(SealedDocuments documents, Attempts attempts)
{
    public const int CharsMin = 12;
    public const int CharsMax = 200;

    private const string Kind = "passphrase";

    // Guessing the hash of a stolen database costs so many rounds of HMAC-SHA-512 each.
    private const int Rounds = 210_000;

    private readonly PasswordHasher<object> hasher = new(Options.Create(new PasswordHasherOptions { IterationCount = Rounds }));

    public Task<Sealed<StoredPassphrase>?> FindAsync(Id member, CancellationToken cancellationToken) =>
        documents.FindAsync<StoredPassphrase>(Kind, member.ToString(), cancellationToken);

    /// <summary>Sets or replaces a member's passphrase; what was signed in with the old one ends.</summary>
    public async Task SetAsync(Id member, Id organisation, string passphrase, CancellationToken cancellationToken)
    {
        var stored = new StoredPassphrase(hasher.HashPassword(this, passphrase));
        await documents.ChangeAsync<StoredPassphrase>(Kind, member.ToString(), organisation.ToString(), _ => stored, cancellationToken);
    }

    /// <summary>The passphrase that a member has shown to know, or null: it is another, none is set, or there were too many attempts.</summary>
    public async Task<Sealed<StoredPassphrase>?> CheckAsync(Id member, string passphrase, CancellationToken cancellationToken)
    {
        if (passphrase.Length > CharsMax || await FindAsync(member, cancellationToken) is not { } set || !await attempts.TakeAsync(Kind, member, cancellationToken)
            || hasher.VerifyHashedPassword(this, set.Value.Hash, passphrase) == PasswordVerificationResult.Failed)
        {
            return null;
        }

        await attempts.ForgetAsync(Kind, member, cancellationToken);
        return set;
    }
}
