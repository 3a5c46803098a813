using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Humanitarian.Domain;

namespace Humanitarian.Api.Organisations;

/// <summary>
/// Codes of invitations: 256 bits behind <c>inv_</c> and the invitation's id. A code follows from who invites, their idempotency key and the
/// pepper, so that both calls of a signed request have the same, and nobody without the pepper has it.
/// </summary>
public sealed class InvitationCodes(HumanitarianApiOptions options)
{
    private const string Prefix = "inv_";

    public Hash32 Of(Id principal, string idempotencyKey) => Hash32.FromSpan(HMACSHA256.HashData(
        options.Pepper.Span, [.. "invitation\0"u8, .. principal.ToBytes(), .. Encoding.UTF8.GetBytes(idempotencyKey)]));

    public static string Text(Id invitation, Hash32 code) => Prefix + Base64Url.EncodeToString([.. invitation.ToBytes(), .. code.ToArray()]);

    /// <summary>The invitation and the code in a text; null when it is none.</summary>
    public static (Id Invitation, Hash32 Code)? Read(string? text)
    {
        Span<byte> bytes = stackalloc byte[Id.Size + Hash32.Size];
        return text?.StartsWith(Prefix, StringComparison.Ordinal) == true && text.Length - Prefix.Length <= 64
            && Base64Url.DecodeFromChars(text.AsSpan(Prefix.Length), bytes, out _, out var written) == OperationStatus.Done && written == bytes.Length
                ? (Id.FromBytes(bytes[..Id.Size]), Hash32.FromSpan(bytes[Id.Size..]))
                : null;
    }
}
