using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Humanitarian.Domain;
using Humanitarian.LoadTests.Engine;

namespace Humanitarian.LoadTests.Ledgers;

/// <summary>Ids and keys that follow from names, so that a run can be replayed.</summary>
internal static class Names
{
    public const string Unit = "KES";

    public static Id Operator { get; } = IdOf("operator");

    public static Id Administrator { get; } = IdOf("administrator");

    public static Id Program { get; } = IdOf("program");

    public static Id IdOf(string name) => Id.FromBytes(SHA256.HashData(Encoding.UTF8.GetBytes("id " + name)));

    public static byte[] KeyOf(string name) => SHA256.HashData(Encoding.UTF8.GetBytes("key " + name));

    /// <summary>A person's account by its number: looks random, as the ids of persons' accounts are, and costs no hash.</summary>
    public static Id Account(int number) => new(Feeds.Mix(0xACC0, number), Feeds.Mix(0xACC1, number));

    public static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    public static Hash32 Hash(long number)
    {
        Span<byte> bytes = stackalloc byte[32];
        bytes.Clear();
        bytes[0] = 1;
        BinaryPrimitives.WriteInt64BigEndian(bytes[24..], number);
        return Hash32.FromSpan(bytes);
    }
}
