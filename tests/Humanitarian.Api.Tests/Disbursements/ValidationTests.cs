using System.Text.Json;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Domain;

namespace Humanitarian.Api.Tests.Disbursements;

/// <summary>What is found wrong with a list before anybody approves it.</summary>
public sealed class ValidationTests(ApiServer api)
{
    [Fact]
    public async Task Every_row_that_is_not_enrolled_is_found_before_approval()
    {
        const int Rows = 510;
        var aid = await new Aid(api, "validation").SetUpAsync();
        var (_, uploaded) = await aid.UploadAsync(aid.Registrar, Aid.Rows("validation", Rows).Replace(",25.00", ",1.00", StringComparison.Ordinal));
        var list = uploaded.GetProperty("listId").GetString()!;
        await aid.Cast.DoneAsync(aid.Registrar, "enrolBeneficiaries", aid.Cast.Input(("programId", Aid.Text(aid.Program)), ("listId", list)));
        var accounts = await AllAsync(aid, list);
        foreach (var row in new[] { 3, 507 })
        {
            await aid.Cast.DoneAsync(aid.Registrar, "withdrawEnrolment", aid.Cast.Input(("programId", Aid.Text(aid.Program)), ("accountId", accounts[row])));
        }

        ApiServer.Refused(RefusalCode.NotEnrolled, await ValidateAsync(0, 400));
        var payload = await ValidateAsync(0, Rows);
        ApiServer.Refused(RefusalCode.NotEnrolled, payload);
        Assert.Contains("2 rows of the list are not enrolled in the program: 3, 507.", payload.GetProperty("userErrors")[0].GetProperty("message").GetString(), StringComparison.Ordinal);
        ApiServer.Refused(RefusalCode.NotEnrolled, await ValidateAsync(4, Rows - 4));
        ApiServer.Done(await ValidateAsync(4, 503));

        async Task<JsonElement> ValidateAsync(int firstRow, int rows)
        {
            var drafted = await aid.Cast.DoneAsync(
                aid.Registrar, "createDisbursement",
                aid.Cast.Input(
                    ("programId", Aid.Text(aid.Program)), ("listId", list), ("firstRow", Cast.Text(firstRow)), ("rows", Cast.Text(rows)), ("inPerson", false),
                    ("grants", new[] { new { grantId = Aid.Text(aid.Grant), amount = Cast.Money(rows * 100L) } }), ("period", "2026-11"), ("assistanceKind", "food")),
                "disbursement { id }");
            return await api.MutateAsync(
                aid.Registrar.Key, "validateDisbursement", aid.Cast.Input(("disbursementId", drafted.GetProperty("disbursement").GetProperty("id").GetString())), "userErrors { message }");
        }
    }

    [Fact]
    public async Task List_that_is_not_as_the_control_totals_say_is_not_validated()
    {
        var aid = await new Aid(api, "control totals").SetUpAsync();
        var list = await aid.ListAsync(3);
        await aid.Cast.DoneAsync(aid.Registrar, "enrolBeneficiaries", aid.Cast.Input(("programId", Aid.Text(aid.Program)), ("listId", list)));
        var id = (await aid.Cast.DoneAsync(aid.Registrar, "createDisbursement", aid.Cast.Input(
            ("programId", Aid.Text(aid.Program)), ("listId", list), ("inPerson", false), ("period", "2026-11"), ("assistanceKind", "food"),
            ("grants", new[] { new { grantId = Aid.Text(aid.Grant), amount = Cast.Money(7_500) } })), "disbursement { id }")).GetProperty("disbursement").GetProperty("id").GetString();
        Task<JsonElement> Validate(string? lines, object? total) => api.MutateAsync(
            aid.Registrar.Key, "validateDisbursement", aid.Cast.Input(("disbursementId", id), ("expectedLines", lines), ("expectedTotal", total)), "disbursement { state }");

        ApiServer.Refused(RefusalCode.ControlTotalMismatch, await Validate("4", Cast.Money(7_500)));
        ApiServer.Refused(RefusalCode.ControlTotalMismatch, await Validate("3", Cast.Money(7_501)));
        ApiServer.Refused(RefusalCode.UnitMismatch, await Validate("3", Cast.Money(7_500, "USD")));
        Assert.Equal("VALIDATED", ApiServer.Done(await Validate("3", Cast.Money(7_500))).GetProperty("disbursement").GetProperty("state").GetString());
        ApiServer.Refused(RefusalCode.ControlTotalMismatch, await Validate("4", null));
    }

    private async Task<List<string>> AllAsync(Aid aid, string list)
    {
        var (accounts, after) = (new List<string>(), (string?)null);
        do
        {
            var rows = (await api.QueryAsync(
                aid.Registrar.Key, "query($id: Id!, $after: String) { listRows(listId: $id, first: 100, after: $after) { nodes { accountId } pageInfo { hasNextPage endCursor } } }", new { id = list, after }))
                .GetProperty("listRows");
            accounts.AddRange(rows.GetProperty("nodes").EnumerateArray().Select(row => row.GetProperty("accountId").GetString()!));
            after = rows.GetProperty("pageInfo").GetProperty("hasNextPage").GetBoolean() ? rows.GetProperty("pageInfo").GetProperty("endCursor").GetString() : null;
        }
        while (after is not null);
        return accounts;
    }
}
