using System.Globalization;
using System.Text;
using System.Xml;
using Humanitarian.Domain.Disbursements;

namespace Humanitarian.Api.Exports;

/// <summary>
/// Writes an activity as IATI 2.03. Commitments and receipts are single transactions of type 11 and 1; what left to people and shops,
/// and costs, are expenditure (type 4) cumulated to the day of the export; what went back to a donor is a negative receipt.
/// </summary>
internal static class IatiWriter
{
    private const string IncomingFunds = "1";
    private const string Expenditure = "4";
    private const string IncomingCommitment = "11";

    public static async Task WriteAsync(Stream destination, IatiActivity activity, CancellationToken cancellationToken)
    {
        await using var xml = XmlWriter.Create(destination, new XmlWriterSettings { Async = true, Indent = true, Encoding = new UTF8Encoding(false) });
        await xml.WriteStartDocumentAsync();
        await StartAsync(xml, "iati-activities", ("version", "2.03"), ("generated-datetime", activity.At.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)));
        await StartAsync(xml, "iati-activity", ("default-currency", activity.Program.Unit), ("humanitarian", "1"));
        await xml.WriteAttributeStringAsync("xml", "lang", null, "en");
        await DescribeAsync(xml, activity);
        foreach (var grant in activity.Grants)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await GrantAsync(xml, activity, grant);
        }

        await xml.WriteEndElementAsync();
        await xml.WriteEndElementAsync();
        await xml.WriteEndDocumentAsync();
    }

    private static async Task DescribeAsync(XmlWriter xml, IatiActivity activity)
    {
        var (request, grants) = (activity.Request, activity.Grants);
        await xml.WriteElementStringAsync(null, "iati-identifier", null, $"{request.Reporter}-{activity.Program.Id}");
        await NarrativeAsync(xml, "reporting-org", activity.Organisation, ("ref", request.Reporter), ("type", request.ReporterType));
        await NarrativeAsync(xml, "title", activity.Program.Name);
        await NarrativeAsync(
            xml, "description",
            $"{activity.Program.Name}, run by {activity.Organisation}. Figures about people are cumulated and told in steps of at least {activity.LeastHouseholds} households.");
        foreach (var donor in grants.GroupBy(grant => grant.Grant.Donor))
        {
            await NarrativeAsync(xml, "participating-org", donor.First().Donor, ("role", "1"));
        }

        await NarrativeAsync(xml, "participating-org", activity.Organisation, ("ref", request.Reporter), ("role", "4"), ("type", request.ReporterType));
        await EmptyAsync(xml, "activity-status", ("code", activity.Program.Active ? "2" : "4"));
        await EmptyAsync(xml, "activity-date", ("iso-date", Day(grants.Min(grant => grant.Grant.EligibleFrom))), ("type", "1"));
        if (grants.SelectMany(grant => grant.Receipts).Select(receipt => (long?)receipt.At).Min() is { } began)
        {
            await EmptyAsync(xml, "activity-date", ("iso-date", Day(began)), ("type", "2"));
        }

        await EmptyAsync(xml, "activity-date", ("iso-date", Day(grants.Max(grant => grant.Grant.EligibleUntil))), ("type", "3"));
        if (request.Country is { } country)
        {
            await EmptyAsync(xml, "recipient-country", ("code", country));
        }

        if (request.Sector is { } sector)
        {
            await EmptyAsync(xml, "sector", ("vocabulary", "1"), ("code", sector));
        }
    }

    private static async Task GrantAsync(XmlWriter xml, IatiActivity activity, IatiGrant grant)
    {
        var (record, today) = (grant.Grant, Day(activity.At.ToUnixTimeMilliseconds()));
        Task FromDonorAsync(string type, string day, long amountMinor, string what) => TransactionAsync(
            xml, type, day, ExportAmount.Of(amountMinor, grant.Exponent), record.Unit, what, () => NarrativeAsync(xml, "provider-org", grant.Donor));
        await FromDonorAsync(
            IncomingCommitment, Day(record.EligibleFrom), record.CommitmentMinor, record.Earmark.Length == 0 ? "Commitment, unearmarked" : $"Commitment for {record.Earmark}");
        foreach (var (at, amount) in grant.Receipts)
        {
            await FromDonorAsync(IncomingFunds, Day(at), amount, "Receipt");
        }

        if (grant.ReturnedMinor > 0)
        {
            await FromDonorAsync(IncomingFunds, today, -grant.ReturnedMinor, "Returned to the donor, cumulated");
        }

        foreach (var line in record.BudgetLines.Where(line => line.SpentMinor > 0))
        {
            await TransactionAsync(
                xml, Expenditure, today, ExportAmount.Of(line.SpentMinor, grant.Exponent), record.Unit, $"Costs of {grant.Donor}'s grant under {line.Code}, cumulated", null);
        }

        foreach (var spent in grant.Spent)
        {
            await TransactionAsync(
                xml, Expenditure, today, ExportAmount.Of(spent.AmountMinor, activity.Exponent), activity.Program.Unit, What(spent, grant.Donor), ModalityOf(spent) is { } modality
                    ? () => EmptyAsync(xml, "aid-type", ("code", modality), ("vocabulary", "4"))
                    : null);
        }
    }

    private static string What(IatiSpending spent, string donor) => spent.Disbursement is { } disbursement
        ? $"{disbursement.AssistanceKind}, {disbursement.Period}, from {donor}'s grant, cumulated"
        : $"Small disbursements together, from {donor}'s grant, cumulated";

    /// <summary>IATI's code of the modality: 1 for cash, 2 for vouchers.</summary>
    private static string? ModalityOf(IatiSpending spent) => spent.Disbursement is { } disbursement ? disbursement.Mode == DeliveryMode.Cash ? "1" : "2" : null;

    private static async Task TransactionAsync(XmlWriter xml, string type, string day, decimal amount, string currency, string what, Func<Task>? more)
    {
        await StartAsync(xml, "transaction", ("humanitarian", "1"));
        await EmptyAsync(xml, "transaction-type", ("code", type));
        await EmptyAsync(xml, "transaction-date", ("iso-date", day));
        await StartAsync(xml, "value", ("currency", currency), ("value-date", day));
        await xml.WriteStringAsync(amount.ToString(CultureInfo.InvariantCulture));
        await xml.WriteEndElementAsync();
        await NarrativeAsync(xml, "description", what);
        if (more is not null)
        {
            await more();
        }

        await xml.WriteEndElementAsync();
    }

    private static async Task NarrativeAsync(XmlWriter xml, string element, string text, params (string Name, string Value)[] attributes)
    {
        await StartAsync(xml, element, attributes);
        await xml.WriteElementStringAsync(null, "narrative", null, ExportText.Plain(text));
        await xml.WriteEndElementAsync();
    }

    private static async Task EmptyAsync(XmlWriter xml, string element, params (string Name, string Value)[] attributes)
    {
        await StartAsync(xml, element, attributes);
        await xml.WriteEndElementAsync();
    }

    private static async Task StartAsync(XmlWriter xml, string element, params (string Name, string Value)[] attributes)
    {
        await xml.WriteStartElementAsync(null, element, null);
        foreach (var (name, value) in attributes)
        {
            await xml.WriteAttributeStringAsync(null, name, null, value);
        }
    }

    private static string Day(long at) => DateTimeOffset.FromUnixTimeMilliseconds(at).UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
