using System.Net;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using System.Xml.Schema;
using Humanitarian.Api.Tests.Lists;
using Humanitarian.Api.Tests.Support;

namespace Humanitarian.Api.Tests.Exports;

/// <summary>A program as IATI 2.03, over HTTP.</summary>
public sealed class IatiTests(ApiServer api)
{
    private const string Reporter = "KE-NCB-12345";

    [Fact]
    public async Task A_program_is_a_valid_activity_that_tells_of_no_few_households()
    {
        var aid = await PaidAsync("iati valid");
        var (status, text) = await GetAsync(aid.Finance, $"?program={aid.Program}&reporter={Reporter}&reporterType=22&country=KE&sector=72010");
        Assert.True(status == HttpStatusCode.OK, text);
        Assert.StartsWith("<?xml", text, StringComparison.Ordinal);
        var activity = XDocument.Parse(text).Root!.Element("iati-activity")!;
        Assert.Equal($"{Reporter}-{aid.Program}", activity.Element("iati-identifier")!.Value);
        Assert.Equal(
            [("11", "10000.00"), ("1", "5000.00"), ("1", "-200.00"), ("4", "100.00"), ("4", "300.00")],
            activity.Elements("transaction").Select(one => (one.Element("transaction-type")!.Attribute("code")!.Value, one.Element("value")!.Value)));
        var expenditure = activity.Elements("transaction").Last();
        Assert.Equal(("4", "2"), (expenditure.Element("aid-type")!.Attribute("vocabulary")!.Value, expenditure.Element("aid-type")!.Attribute("code")!.Value));
        Assert.DoesNotContain("+254", text, StringComparison.Ordinal);
        Validate(text);
    }

    [Fact]
    public async Task A_donor_gets_their_own_grants_and_others_nothing()
    {
        var aid = await PaidAsync("iati rights");
        var other = await aid.Cast.OrganisationAsync("DONOR", "READER");
        await GrantAsync(aid, other);
        int Commitments(string text) => XDocument.Parse(text).Descendants("transaction-type").Count(type => type.Attribute("code")!.Value == "11");
        var query = $"?program={aid.Program}&reporter={Reporter}";
        Assert.Equal(2, Commitments((await GetAsync(aid.Finance, query)).Text));
        Assert.Equal(1, Commitments((await GetAsync(aid.Donor, query)).Text));
        Assert.Equal(1, Commitments((await GetAsync(other, query)).Text));
        var stranger = await aid.Cast.OrganisationAsync("DONOR", "READER");
        Assert.All(
            await Task.WhenAll(GetAsync(stranger, query), GetAsync(aid.Cast.Operator, query), GetAsync(aid.Agent, query), GetAsync(aid.Till, query)),
            answer => Assert.Equal(HttpStatusCode.NotFound, answer.Status));
    }

    [Theory]
    [InlineData("program=00000000000000000000000000000001&reporter=nobody")]
    [InlineData("program=x&reporter=KE-NCB-1")]
    [InlineData("program=00000000000000000000000000000001")]
    [InlineData("program=00000000000000000000000000000001&reporter=KE-NCB-1&country=Kenya")]
    [InlineData("program=00000000000000000000000000000001&reporter=KE-NCB-1&sector=food")]
    [InlineData("program=00000000000000000000000000000001&reporter=KE-NCB-1&reporterType=ngo")]
    public async Task What_IATI_needs_must_be_given_rightly(string query)
    {
        var administrator = await new Cast(api, $"iati wrong {query.Length}").OrganisationAsync("NGO", "ADMINISTRATOR");
        Assert.Equal(HttpStatusCode.BadRequest, (await GetAsync(administrator, "?" + query)).Status);
    }

    /// <summary>Twelve paid and settled, three more paid, costs and a return.</summary>
    private async Task<Aid> PaidAsync(string name)
    {
        var aid = await new Aid(api, name).SetUpAsync();
        var list = await aid.ListAsync(15);
        var cast = aid.Cast;
        await cast.DoneAsync(aid.Registrar, "enrolBeneficiaries", cast.Input(("programId", Aid.Text(aid.Program)), ("listId", list)));
        await aid.UntilAsync(await aid.ReleaseAsync(list, 0, 12, inPerson: false), "COMPLETED");
        await aid.UntilAsync(await aid.ReleaseAsync(list, 12, 3, inPerson: false), "COMPLETED");
        var accounts = await aid.AccountsAsync(list);
        foreach (var account in accounts)
        {
            await cast.DoneAsync(
                aid.Till, "redeemVoucher",
                cast.Input(
                    ("programId", Aid.Text(aid.Program)), ("beneficiaryAccountId", account), ("vendorAccountId", Aid.Text(aid.VendorAccount)),
                    ("amount", Cast.Money(2_500)), ("categories", new[] { "food" }), ("receiptHash", "0x" + new string('1', 64))));
        }

        var asked = await cast.DoneAsync(
            aid.Till, "settleVendor",
            cast.Input(
                ("programId", Aid.Text(aid.Program)), ("vendorAccountId", Aid.Text(aid.VendorAccount)), ("amount", Cast.Money(37_500)),
                ("until", TimeProvider.System.GetUtcNow().AddDays(7).ToString("O"))), "settlement { id }");
        await cast.SignedAsync(
            aid.Finance, "approveSettlement",
            cast.Input(("settlementId", asked.GetProperty("settlement").GetProperty("id").GetString()), ("amount", Cast.Money(37_500)), ("evidence", "0x" + new string('2', 64))));
        await cast.DoneAsync(aid.Finance, "recordCost", cast.Input(("grantId", Aid.Text(aid.Grant)), ("budgetLine", "staff"), ("amount", Cast.Money(10_000))));
        await cast.DoneAsync(aid.Finance, "returnGrant", cast.Input(("grantId", Aid.Text(aid.Grant)), ("amount", Cast.Money(20_000))));
        return aid;
    }

    private static Task GrantAsync(Aid aid, Actor donor) => aid.Cast.DoneAsync(
        aid.Administrator, "createGrant",
        aid.Cast.Input(
            ("programId", Aid.Text(aid.Program)), ("donorId", Aid.Text(donor.Organisation)), ("commitment", Cast.Money(1_000)), ("eligibleFrom", "2020-01-01T00:00:00Z"),
            ("eligibleUntil", "2120-01-01T00:00:00Z"), ("earmark", "Turkana <north> & \u0007 east")));

    private async Task<(HttpStatusCode Status, string Text)> GetAsync(Actor actor, string query)
    {
        using var response = await api.SendAsync(actor.Key, HttpMethod.Get, "/exports/iati" + query);

        // As they are: reading text would take a byte order mark off.
        return (response.StatusCode, Encoding.UTF8.GetString(await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)));
    }

    private static void Validate(string text)
    {
        var folder = ListFiles.Above("shared", "data", "iati");
        Assert.SkipWhen(folder is null, "The schema of IATI 2.03 is not here.");
        var schemas = new XmlSchemaSet { XmlResolver = new XmlUrlResolver() };
        schemas.Add("http://www.w3.org/XML/1998/namespace", Path.Combine(folder!, "xml.xsd"));
        schemas.Add(null, Path.Combine(folder!, "iati-activities-schema.xsd"));
        var faults = new List<string>();
        XDocument.Parse(text).Validate(schemas, (_, fault) => faults.Add(fault.Message));
        Assert.Empty(faults);

        // The validation can fail: an activity without its title is none.
        var broken = XDocument.Parse(text);
        broken.Descendants("title").Remove();
        Assert.Throws<XmlSchemaValidationException>(() => broken.Validate(schemas, null));
    }
}
