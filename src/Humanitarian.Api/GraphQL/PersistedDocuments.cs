using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using GraphQL;
using GraphQL.Transport;
using GraphQLParser;
using GraphQLParser.Exceptions;

namespace Humanitarian.Api.GraphQL;

/// <summary>
/// Documents that clients name by their SHA-256 instead of sending them: those of a folder, for good, and, where any document is taken,
/// those that were sent once with their hash (automatic persisted queries).
/// </summary>
public sealed class PersistedDocuments
{
    private const string Prefix = "sha256:";
    private const int SentMax = 1_000;
    private const int SentCharsMax = 20_000;

    private readonly FrozenDictionary<string, string> kept;
    private readonly bool only;
    private readonly ConcurrentDictionary<string, string> sent = new(StringComparer.Ordinal);

    private PersistedDocuments(FrozenDictionary<string, string> kept, bool only) => (this.kept, this.only) = (kept, only);

    /// <summary>None, and any document is taken.</summary>
    public static PersistedDocuments None() => new(FrozenDictionary<string, string>.Empty, false);

    /// <summary>Reads every <c>*.graphql</c> file of a folder; each is one document, named by its hash with or without its last line break.</summary>
    /// <param name="only">True to refuse all other documents.</param>
    /// <exception cref="InvalidDataException">A file is no GraphQL document.</exception>
    public static PersistedDocuments Load(string folder, bool only)
    {
        var kept = new Dictionary<string, string>();
        foreach (var file in Directory.EnumerateFiles(folder, "*.graphql", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            var text = File.ReadAllText(file);
            try
            {
                Parser.Parse(text);
            }
            catch (GraphQLParserException fault)
            {
                throw new InvalidDataException($"{file} is no GraphQL document: {fault.Message}", fault);
            }

            kept[HashOf(text)] = text;
            kept[HashOf(text.TrimEnd())] = text.TrimEnd();
        }

        return new PersistedDocuments(kept.ToFrozenDictionary(StringComparer.Ordinal), only);
    }

    /// <summary>Puts the named document into a request, or answers why not.</summary>
    internal ExecutionError? Resolve(GraphQLRequest request)
    {
        if (HashIn(request, out var malformed) is not { } hash)
        {
            return malformed ?? (only && !kept.ContainsKey(HashOf(request.Query!)) ? OnlyPersisted() : null);
        }

        if (request.Query is { Length: > 0 } text)
        {
            return HashOf(text) != hash ? Invalid("The hash is not that of the document: SHA-256 of its UTF-8 bytes, in lower-case hexadecimal digits.")
                : only && !kept.ContainsKey(hash) ? OnlyPersisted()
                : Remember(hash, text);
        }

        request.Query = kept.GetValueOrDefault(hash) ?? sent.GetValueOrDefault(hash);
        return request.Query is not null ? null
            : only ? OnlyPersisted()
            : new ExecutionError("PersistedQueryNotFound") { Code = ApiCode.PersistedNotFound };
    }

    /// <summary>The hash that a request names its document by, as <c>documentId</c> or as <c>extensions.persistedQuery</c>.</summary>
    private static string? HashIn(GraphQLRequest request, out ExecutionError? malformed)
    {
        malformed = null;
        if (request.DocumentId is { } id)
        {
            malformed = id.StartsWith(Prefix, StringComparison.Ordinal) ? null : Invalid($"A documentId is {Prefix} and the document's SHA-256.");
            return malformed is null ? id[Prefix.Length..] : null;
        }

        if (request.Extensions?.TryGetValue("persistedQuery", out var persisted) != true)
        {
            return null;
        }

        if (persisted is IReadOnlyDictionary<string, object?> named && named.GetValueOrDefault("sha256Hash") is string hash && named.GetValueOrDefault("version") is 1)
        {
            return hash;
        }

        malformed = Invalid("persistedQuery has version 1 and a sha256Hash.");
        return null;
    }

    private ExecutionError? Remember(string hash, string text)
    {
        if (text.Length <= SentCharsMax && !kept.ContainsKey(hash) && !sent.ContainsKey(hash))
        {
            if (sent.Count >= SentMax)
            {
                sent.Clear();
            }

            sent[hash] = text;
        }

        return null;
    }

    private static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static ExecutionError OnlyPersisted() =>
        new("This ledger takes no other documents than those its operator keeps: name one by its SHA-256.") { Code = ApiCode.OnlyPersisted };

    private static ExecutionError Invalid(string message) => new(message) { Code = ApiCode.BadRequest };
}
