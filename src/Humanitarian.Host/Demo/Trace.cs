using System.Globalization;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace Humanitarian.Host.Demo;

/// <summary>What became of a part of a donation, in minor units of the program's currency, as the donor's question is answered.</summary>
internal sealed record Trace(
    string Label, long Donated, long Unspent, long Disbursed, long Redeemed, long Settled, long Expired, long Held, long Costs, long Returned,
    IReadOnlyList<Trace> Children)
{
    /// <summary>With financial service providers, not reported yet.</summary>
    public long Instructed { get; init; }

    /// <summary>Paid out in cash by providers.</summary>
    public long Delivered { get; init; }

    /// <summary>What providers took.</summary>
    public long Fees { get; init; }

    private const string Amounts =
        "label donated { amountMinor } unspent { amountMinor } disbursed { amountMinor } redeemed { amountMinor } settled { amountMinor } "
        + "expired { amountMinor } held { amountMinor } costs { amountMinor } returned { amountMinor } instructed { amountMinor } delivered { amountMinor } fees { amountMinor }";

    private static readonly string[] DonorsParts =
        ["donated", "unspent", "disbursed", "expired", "instructed", "delivered", "returned", "exchangeLoss", "exchangeGain", "rounding"];

    /// <summary>The same in the donor's own currency, where the grant was converted.</summary>
    public string? InDonorsCurrency { get; init; }

    /// <summary>Asks for a grant, its receipts, and the disbursements that their money went to.</summary>
    public const string Query =
        "query($grantId: Id!) { donationTrace(grantId: $grantId) { local { label } " + Amounts + " children { " + Amounts + " children { " + Amounts + " } } } }";

    /// <summary>Asks for a grant that was converted: in the donor's currency as a whole, in the program's with all its parts.</summary>
    public const string LocalQuery =
        "query($grantId: Id!) { donationTrace(grantId: $grantId) { donated { amountMinor currency exponent } unspent { amountMinor } disbursed { amountMinor } "
        + "expired { amountMinor } instructed { amountMinor } delivered { amountMinor } returned { amountMinor } exchangeLoss { amountMinor } exchangeGain { amountMinor } rounding { amountMinor } local { " + Amounts
        + " } children { local { " + Amounts + " } children { local { " + Amounts + " } } } } }";

    /// <summary>Reads the answer to <see cref="LocalQuery"/>; what was not converted yet has no amounts in the program's currency.</summary>
    public static Trace ReadLocal(JsonObject node)
    {
        static Trace Local(JsonObject of) => Read((JsonObject)of["local"]!) with
        {
            Children = [.. (of["children"] as JsonArray ?? []).OfType<JsonObject>().Where(child => child["local"] is not null).Select(Local)],
        };
        var (currency, exponent) = ((string)node["donated"]!["currency"]!, (int)node["donated"]!["exponent"]!);
        var parts = DonorsParts
            .Select(name => (Name: name, Amount: long.Parse((string)node[name]!["amountMinor"]!, CultureInfo.InvariantCulture)))
            .Where(part => part.Amount != 0)
            .Select(part => $"{(part.Name switch { "exchangeLoss" => "lost in exchange", "exchangeGain" => "gained in exchange", var name => name })} {Currencies.Text(part.Amount, currency, exponent)}");
        return Local(node) with { InDonorsCurrency = string.Join(", ", parts) };
    }

    public static Trace Read(JsonObject node)
    {
        long Amount(string name) => long.Parse((string)node[name]!["amountMinor"]!, CultureInfo.InvariantCulture);
        return new Trace(
            (string)node["label"]!, Amount("donated"), Amount("unspent"), Amount("disbursed"), Amount("redeemed"), Amount("settled"), Amount("expired"),
            Amount("held"), Amount("costs"), Amount("returned"), [.. (node["children"] as JsonArray ?? []).Select(child => Read((JsonObject)child!))])
        {
            Instructed = Amount("instructed"), Delivered = Amount("delivered"), Fees = Amount("fees"),
        };
    }

    /// <summary>The sum of several, as one.</summary>
    public static Trace Sum(string label, IReadOnlyList<Trace> traces)
    {
        long Of(Func<Trace, long> amount) => traces.Sum(amount);
        return new Trace(
            label, Of(t => t.Donated), Of(t => t.Unspent), Of(t => t.Disbursed), Of(t => t.Redeemed), Of(t => t.Settled), Of(t => t.Expired), Of(t => t.Held),
            Of(t => t.Costs), Of(t => t.Returned), traces)
        {
            Instructed = Of(t => t.Instructed), Delivered = Of(t => t.Delivered), Fees = Of(t => t.Fees),
        };
    }

    /// <summary>Nodes whose numbers do not add up, or are not the sum of their children's.</summary>
    public IEnumerable<string> Broken()
    {
        if (Disbursed != Redeemed + Expired + Held)
        {
            yield return $"{Label}: disbursed = redeemed + expired + held";
        }

        if (Children.Count > 0 && (Disbursed, Redeemed, Settled, Expired, Held) != (
            Children.Sum(child => child.Disbursed), Children.Sum(child => child.Redeemed), Children.Sum(child => child.Settled),
            Children.Sum(child => child.Expired), Children.Sum(child => child.Held)))
        {
            yield return $"{Label}: the parts are not the whole";
        }

        if ((Instructed, Delivered) != (Children.Sum(child => child.Instructed), Children.Sum(child => child.Delivered)) && Children.Count > 0)
        {
            yield return $"{Label}: the cash of the parts is not that of the whole";
        }

        foreach (var broken in Children.SelectMany(child => child.Broken()))
        {
            yield return broken;
        }
    }

    /// <summary>The tree a donor is shown.</summary>
    public Tree ToTree(Func<long, string> money)
    {
        var tree = new Tree(Markup.Escape(Line(money)));
        foreach (var child in Children)
        {
            Add(tree, child, money);
        }

        return tree;
    }

    private static void Add(IHasTreeNodes parent, Trace trace, Func<long, string> money)
    {
        var node = parent.AddNode(Markup.Escape(trace.Line(money)));
        foreach (var child in trace.Children)
        {
            Add(node, child, money);
        }
    }

    private string Line(Func<long, string> money)
    {
        (string Name, long Amount)[] parts =
        [
            ("donated", Donated), ("unspent", Unspent), ("disbursed", Disbursed), ("redeemed", Redeemed), ("settled", Settled), ("expired", Expired),
            ("held", Held), ("instructed", Instructed), ("delivered", Delivered), ("costs", Costs), ("fees", Fees), ("returned", Returned),
        ];
        return $"{Label}: {string.Join(", ", parts.Where(part => part.Amount != 0).Select(part => $"{part.Name} {money(part.Amount)}"))}"
            + (InDonorsCurrency is { } donors ? $"; in the donor's currency {donors}" : "");
    }
}
