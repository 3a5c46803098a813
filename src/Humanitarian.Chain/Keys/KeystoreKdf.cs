namespace Humanitarian.Chain.Keys;

/// <summary>How slowly a password becomes a key.</summary>
public abstract record KeystoreKdf
{
    /// <summary>
    /// scrypt with n = 131072, r = 8, p = 1 (OWASP's first choice): 128 MiB and well under a second for each guess. The 262144 usual
    /// among wallets doubles both, and would make a small node fail to open its own key.
    /// </summary>
    public static KeystoreKdf Default { get; } = new ScryptKdf(131072, 8, 1);
}

/// <summary>RFC 7914; takes 128·n·r bytes of memory. n is a power of two.</summary>
public sealed record ScryptKdf(int N, int R, int P) : KeystoreKdf;

/// <summary>PBKDF2 with HMAC-SHA-256. Needs little memory, so guessing parallelises well: for reading other tools' files.</summary>
public sealed record Pbkdf2Kdf(int Iterations) : KeystoreKdf;
