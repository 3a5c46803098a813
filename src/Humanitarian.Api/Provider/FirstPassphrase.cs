using Humanitarian.Api.Keys;
using Humanitarian.Chain.Crypto;
using Humanitarian.Domain;
using Humanitarian.Storage.Side;

namespace Humanitarian.Api.Provider;

/// <summary>The passphrase that a first start gives to the first member.</summary>
public static class FirstPassphrase
{
    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
    private const int Groups = 5;
    private const int GroupChars = 4;

    /// <summary>Makes 100 random bits a member's passphrase. They are shown this once.</summary>
    public static async Task<string> NewAsync(
        ISideStore store, IRandomSource random, TimeProvider time, HumanitarianApiOptions options, Id member, Id organisation, CancellationToken cancellationToken)
    {
        var bytes = new byte[Groups * GroupChars];
        random.Fill(bytes);
        var passphrase = string.Join('-', bytes.Chunk(GroupChars).Select(group => string.Concat(group.Select(one => Alphabet[one % Alphabet.Length]))));
        var documents = new SealedDocuments(store, options);
        await new Passphrases(documents, new Attempts(documents, time)).SetAsync(member, organisation, passphrase, cancellationToken);
        return passphrase;
    }
}
