using System.Security.Cryptography;
using System.Text;

namespace Humanitarian.Domain.Lots;

/// <summary>
/// Names under which it is counted what a disbursement's lot was spent on and where (<see cref="Transactions.LotFlow.Spent"/>), beside the
/// lot's own flows.
/// </summary>
public static class LotUse
{
    /// <summary>What was spent on a category of goods.</summary>
    /// <param name="category">Empty for redemptions of several or of none.</param>
    public static Id OnCategory(Id lot, string category) => Named("spent on", lot, Encoding.UTF8.GetBytes(category));

    /// <summary>What was spent at a vendor.</summary>
    public static Id AtVendor(Id lot, Id vendorAccount) => Named("spent at", lot, vendorAccount.ToBytes());

    private static Id Named(string kind, Id lot, byte[] what) => Id.FromBytes(SHA256.HashData([.. Encoding.UTF8.GetBytes(kind), .. lot.ToBytes(), .. what]));
}
