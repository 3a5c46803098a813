using System.Security.Cryptography;
using System.Text.Json;
using Humanitarian.Api.Beneficiaries;
using Humanitarian.Domain;
using Humanitarian.Grains.Commands;
using Humanitarian.Storage.Side;

namespace Humanitarian.Api.Cases;

/// <summary>What was said in a case.</summary>
/// <param name="MemberId">Who wrote it.</param>
/// <param name="At">When.</param>
/// <param name="Text">What was said.</param>
/// <param name="Hash">Salted hash that the ledger had of it.</param>
public sealed record CaseText(Id MemberId, DateTimeOffset At, string Text, Hash32 Hash)
{
    /// <summary>Without the text: a record's generated text would put it in logs.</summary>
    public override string ToString() => nameof(CaseText);
}

/// <summary>Texts of cases, encrypted under the beneficiary's key.</summary>
public sealed class CaseTexts(ISideStore store, PersonalVault vault, TimeProvider time)
{
    private const string Kind = "case-text";
    private const int TextsMax = 1_000;

    /// <summary>Keeps a text and answers its salted hash: the first one's for a repeated command.</summary>
    public async Task<Hash32> KeepAsync(CommandContext command, Id text, Id id, Id account, Id owner, string said, CancellationToken cancellationToken = default)
    {
        var key = $"{id}{text}";
        if (await store.FindAsync(Kind, key, cancellationToken) is { } known && await vault.OpenAsync(account, known, cancellationToken) is { } before)
        {
            return HashOf(before);
        }

        byte[] content = [.. vault.SaltOf(command), .. JsonSerializer.SerializeToUtf8Bytes(new Row(command.Principal.ToString(), time.GetUtcNow().ToUnixTimeMilliseconds(), said))];
        return await store.PutAsync(await vault.SealAsync(account, Kind, key, owner, 0, content, cancellationToken), cancellationToken)
            ? HashOf(content)
            : await KeepAsync(command, text, id, account, owner, said, cancellationToken);
    }

    /// <summary>What was said in a case, in order; nothing once the person is forgotten.</summary>
    public async Task<IReadOnlyList<CaseText>> ReadAsync(Id id, Id account, CancellationToken cancellationToken = default)
    {
        var texts = new List<CaseText>();
        var prefix = id.ToString();
        foreach (var document in (await store.ListAsync(Kind, null, prefix, TextsMax, cancellationToken)).TakeWhile(one => one.Key.StartsWith(prefix, StringComparison.Ordinal)))
        {
            if (await vault.OpenAsync(account, document, cancellationToken) is { } content)
            {
                var row = JsonSerializer.Deserialize<Row>(content.AsSpan(PersonalVault.SaltBytes))!;
                texts.Add(new CaseText(Id.Parse(row.Who), DateTimeOffset.FromUnixTimeMilliseconds(row.At), row.Said, HashOf(content)));
            }
        }

        return [.. texts.OrderBy(text => text.At)];
    }

    /// <summary>Forgets what was said in a case.</summary>
    public async Task ForgetAsync(Id id, CancellationToken cancellationToken = default)
    {
        var prefix = id.ToString();
        foreach (var document in (await store.ListAsync(Kind, null, prefix, TextsMax, cancellationToken)).TakeWhile(one => one.Key.StartsWith(prefix, StringComparison.Ordinal)))
        {
            await store.DeleteAsync(Kind, document.Key, cancellationToken);
        }
    }

    private static Hash32 HashOf(byte[] content) => Hash32.FromSpan(SHA256.HashData(content));

    private sealed record Row(string Who, long At, string Said);
}
