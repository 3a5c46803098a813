using Humanitarian.Domain;

namespace Humanitarian.Chain.Crypto;

public static class SignatureText
{
    extension(Signature)
    {
        /// <exception cref="FormatException">The text is not 130 hexadecimal digits, with or without 0x.</exception>
        public static Signature Parse(string text) =>
            Signature.TryParse(text, out var signature) ? signature : throw new FormatException("A signature is 130 hexadecimal digits.");
    }
}
