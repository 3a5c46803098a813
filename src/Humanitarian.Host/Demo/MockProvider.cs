using System.Globalization;
using System.Text;

namespace Humanitarian.Host.Demo;

/// <summary>
/// A financial service provider for the demo: it reads an instruction file, pays most lines, and reports what became of them in the
/// project's own layout. Its books are its own, so that the ledger's figures can be compared with them.
/// </summary>
internal sealed class MockProvider
{
    private readonly List<(string Reference, decimal Amount, decimal Paid, string Status, string Reason)> payments = [];

    /// <summary>What it paid out, in the currency's main unit.</summary>
    public decimal Paid => payments.Sum(payment => payment.Paid);

    public int Lines => payments.Count;

    /// <summary>What it paid out, in minor units.</summary>
    public long PaidMinor(int exponent) => Paid == 0 ? 0 : Currencies.Read(Paid.ToString(CultureInfo.InvariantCulture), exponent)!.Value;

    /// <summary>Takes SDP's columns; the second line of the file is never claimed, every tenth fails, every tenth is paid by half.</summary>
    /// <param name="paysAll">True for a round in which everybody comes.</param>
    public void Take(byte[] file, int exponent, bool paysAll)
    {
        payments.Clear();
        var rows = Encoding.UTF8.GetString(file).Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(row => row.Split(','));
        foreach (var (row, index) in rows.Select((row, index) => (row, index)))
        {
            var amount = decimal.Parse(row[3], CultureInfo.InvariantCulture);
            var half = decimal.Round(amount / 2, exponent, MidpointRounding.ToZero);
            payments.Add(paysAll ? (row[5], amount, amount, "DELIVERED", "")
                : index == 1 ? (row[5], amount, 0, "PENDING", "")
                : index % 10 == 8 && half > 0 ? (row[5], amount, half, "PARTLY_DELIVERED", "AGENT_OUT_OF_CASH")
                : index % 10 == 9 ? (row[5], amount, 0, "FAILED", "WALLET_CLOSED")
                : (row[5], amount, amount, "DELIVERED", ""));
        }
    }

    /// <summary>A report on the first lines, or on all.</summary>
    public byte[] Report(int lines) => Write(payments.Take(lines).Select(payment => (payment.Reference, payment.Status == "PENDING" ? "" : Text(payment.Paid), payment.Status, payment.Reason)));

    /// <summary>A later report that says otherwise of the first line that failed: it was paid after all.</summary>
    /// <param name="really">True when it was; false when the report is wrong.</param>
    public byte[] Contradict(int which, bool really)
    {
        var place = payments.Select((payment, index) => (payment, index)).Where(entry => entry.payment.Reason == "WALLET_CLOSED").ElementAt(which).index;
        var payment = payments[place];
        if (really)
        {
            payments[place] = payment with { Paid = payment.Amount };
        }

        return Write([(payment.Reference, Text(payment.Amount), "DELIVERED", "")]);
    }

    /// <summary>A later report that says that nobody received the first line: the money came back.</summary>
    public byte[] TakeBack()
    {
        payments[0] = payments[0] with { Paid = 0, Status = "FAILED", Reason = "WALLET_CLOSED" };
        return Report(1);
    }

    private static byte[] Write(IEnumerable<(string Reference, string Amount, string Status, string Reason)> rows) => Encoding.UTF8.GetBytes(
        "reference,amount,currency,status,reason\n" + string.Concat(rows.Select(row => $"{row.Reference},{row.Amount},,{row.Status},{row.Reason}\n")));

    private static string Text(decimal amount) => amount.ToString(CultureInfo.InvariantCulture);
}
