using System.Text.Json.Nodes;
using System.Xml.Linq;
using System.Xml.Schema;

namespace Humanitarian.Host.Tests;

/// <summary>One coordination day with 250 households, run as its users run it; the tests look at what it left.</summary>
public sealed class CoordinationDayData : IAsyncLifetime
{
    private readonly TemporaryFolder folder = new();

    public JsonNode Figures { get; private set; } = null!;

    public string Errors { get; private set; } = "";

    public string Data => folder["day"];

    public async ValueTask InitializeAsync()
    {
        var (code, output, errors) = await HostProcess.RunAsync(
            HostProcess.Repository, "demo", "--coordination", "--beneficiaries", "250", "--data", Data, "--json");
        Assert.True(code == 0, errors);
        (Figures, Errors) = (JsonNode.Parse(output)!, errors);
    }

    public ValueTask DisposeAsync()
    {
        folder.Dispose();
        return ValueTask.CompletedTask;
    }
}

public sealed class CoordinationTests(CoordinationDayData day) : IClassFixture<CoordinationDayData>
{
    private long this[string figure] => (long)day.Figures[figure]!;

    [Fact]
    public void The_day_ends_with_a_verified_chain_and_everybody_who_took_part()
    {
        Assert.Equal("", day.Errors);
        Assert.True((bool)day.Figures["verified"]!);
        Assert.Equal((3, 4, 10, 250), (this["organisations"], this["vendors"], this["agents"], this["households"]));
        Assert.True(this["events"] > 0 && this["reversedMinor"] > 0 && this["settledMinor"] > 0);
    }

    [Fact]
    public void Each_kind_of_refusal_was_met()
    {
        var refused = day.Figures["refused"]!.AsObject().ToDictionary(kind => kind.Key, kind => (string)kind.Value!);
        Assert.Contains(refused["expired"], (string[])["VOUCHER_EXPIRED", "INSUFFICIENT_FUNDS"]);
        refused.Remove("expired");
        Assert.Equal(
            new Dictionary<string, string>
            {
                ["role"] = "FORBIDDEN", ["ownOrganisationOnly"] = "NOT_FOUND", ["budget"] = "BUDGET_EXCEEDED", ["duplicate"] = "ALREADY_ASSISTED", ["stale"] = "DEADLINE_PASSED",
                ["limit"] = "AGENT_LIMIT_EXCEEDED", ["wrongSignature"] = "SIGNATURE_INVALID",
            },
            refused);
    }

    [Fact]
    public void Every_household_on_two_lists_is_decided_by_both_and_assisted_once_where_they_say_the_same()
    {
        long Of(string figure) => (long)day.Figures["overlaps"]![figure]!;
        Assert.Equal(10, Of("suspected"));
        Assert.Equal(Of("suspected"), Of("same") + Of("different") + Of("notAgreed"));
        Assert.True(Of("same") > 0);
        var notDelivered = day.Figures["notDelivered"]!.AsObject();
        Assert.All(notDelivered, reason => Assert.Equal("ALREADY_ASSISTED", reason.Key));
        Assert.True((long)notDelivered["ALREADY_ASSISTED"]! > 0);
    }

    [Fact]
    public void Both_donors_money_adds_up_to_the_cent()
    {
        var donors = day.Figures["donors"]!.AsArray();
        Assert.Equal(2, donors.Count);
        Assert.All(donors, donor =>
        {
            long Of(string part) => (long)donor![part]!;
            Assert.Equal(Of("donated"), Of("unspent") + Of("disbursed") - Of("expired") + Of("delivered") + Of("costs") + Of("returned"));
            Assert.Equal(Of("disbursed"), Of("redeemed") + Of("expired") + Of("held"));
            Assert.True(Of("redeemed") > 0 && Of("delivered") > 0);
        });
    }

    [Fact]
    public void The_published_activity_is_valid_and_tells_of_nobody()
    {
        var text = File.ReadAllText(Path.Combine(day.Data, "iati.xml"));
        Assert.DoesNotContain("+254", text, StringComparison.Ordinal);
        var folder = Path.Combine(HostProcess.Repository, "..", "shared", "data", "iati");
        Assert.SkipUnless(Directory.Exists(folder), "The schema of IATI 2.03 is not here.");
        var schemas = new XmlSchemaSet { XmlResolver = new System.Xml.XmlUrlResolver() };
        schemas.Add("http://www.w3.org/XML/1998/namespace", Path.Combine(folder, "xml.xsd"));
        schemas.Add(null, Path.Combine(folder, "iati-activities-schema.xsd"));
        var faults = new List<string>();
        XDocument.Parse(text).Validate(schemas, (_, fault) => faults.Add(fault.Message));
        Assert.Empty(faults);
    }

    [Fact]
    public async Task What_a_day_does_not_have_is_refused_by_the_command_line()
    {
        Assert.Equal(2, (await HostProcess.RunAsync(HostProcess.Repository, "demo", "--coordination", "--program", "cash")).Code);
        Assert.Equal(2, (await HostProcess.RunAsync(HostProcess.Repository, "demo", "--coordination", "--beneficiaries", "20")).Code);
    }
}
