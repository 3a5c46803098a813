using Humanitarian.Api.Tests.Support;
using Humanitarian.Domain;

namespace Humanitarian.Api.Tests.GraphQL;

/// <summary>Instants and days that a client sends.</summary>
public sealed class InstantTests(ApiServer api)
{
    [Theory]
    [InlineData("0001-01-01T00:00:00Z")]
    [InlineData("1969-12-31T23:59:59.999Z")]
    public async Task Instant_before_1970_is_refused_in_variables_and_in_documents(string instant)
    {
        var input = Notice(instant);
        Assert.Equal("INVALID_VALUE", await CodeAsync("mutation($i: RecordPrivacyNoticeInput!) { recordPrivacyNotice(input: $i) { userErrors { code } } }", new { i = input }));
        Assert.Equal("ARGUMENTS_OF_CORRECT_TYPE", await CodeAsync(
            $$"""
            mutation { recordPrivacyNotice(input: { idempotencyKey: "early", accountId: "{{input["accountId"]}}", basis: CONSENT, version: "1", retainUntil: "{{instant}}" }) { userErrors { code } } }
            """));
    }

    [Fact]
    public async Task Days_before_1970_are_refused_with_what_they_are_for()
    {
        var aid = await new Aid(api, "early days").SetUpAsync();
        ApiServer.Refused(RefusalCode.InvalidInput, await api.MutateAsync(aid.Finance.Key, "recordScreening", aid.Cast.Input(
            ("subjectId", aid.VendorAccount.ToString()), ("list", "UN"), ("on", "1969-12-31"), ("outcome", "CLEAR"), ("validUntil", "2100-01-01"))));
        ApiServer.Refused(RefusalCode.InvalidInput, await api.MutateAsync(aid.Finance.Key, "convertGrant", aid.Cast.Input(
            ("grantId", Aid.Text(aid.Grant)), ("from", Cast.Money(100)), ("to", Cast.Money(100)), ("rate", "1"), ("on", "1969-12-31"), ("evidence", Hash32.Zero.ToString()))));
    }

    private static Dictionary<string, object?> Notice(string until) => new()
    {
        ["idempotencyKey"] = "early", ["accountId"] = new string('a', 32), ["basis"] = "CONSENT", ["version"] = "1", ["retainUntil"] = until,
    };

    private async Task<string?> CodeAsync(string query, object? variables = null) =>
        (await api.ExecuteAsync(api.OperatorKey, query, variables)).GetProperty("errors")[0].GetProperty("extensions").GetProperty("code").GetString();
}
