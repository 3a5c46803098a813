using System.Net;
using System.Text.Json;
using Humanitarian.Api.Lists;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Domain;

namespace Humanitarian.Api.Tests.Lists;

public sealed class ListImportTests(ApiServer api)
{
    [Fact]
    public async Task Good_rows_are_kept_and_bad_rows_reported()
    {
        var aid = await new Aid(api, "list accept").SetUpAsync();
        var (status, answer) = await aid.UploadAsync(aid.Registrar, Aid.Rows("accept", 3) + "accept-x,4,-1,\naccept-y,4,2.54708E+11,\n");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal((3, 2, "7500"), (answer.GetProperty("rows").GetInt32(), answer.GetProperty("refused").GetInt32(), answer.GetProperty("totalMinor").GetString()));
        Assert.Equal(["AMOUNT_NEGATIVE", "AMOUNT_SCIENTIFIC"], answer.GetProperty("errors").EnumerateArray().Select(error => error.GetProperty("code").GetString()));
        Assert.Equal(["household_id", "phone"], answer.GetProperty("hashedColumns").EnumerateArray().Select(column => column.GetString()));

        var list = (await api.QueryAsync(
            aid.Registrar.Key,
            "query($id: Id!) { list(id: $id) { rows refused errors(first: 1) { nodes { line code } pageInfo { endCursor hasNextPage } } } listRows(listId: $id, first: 2) { nodes { row fileLine accountId } pageInfo { endCursor hasNextPage } } }",
            new { id = answer.GetProperty("listId").GetString() }));
        Assert.True(list.GetProperty("list").GetProperty("errors").GetProperty("pageInfo").GetProperty("hasNextPage").GetBoolean());
        Assert.Equal("""[{"line":"5","code":"AMOUNT_NEGATIVE"}]""", list.GetProperty("list").GetProperty("errors").GetProperty("nodes").ToString());
        Assert.Equal(
            [("0", "2"), ("1", "3")],
            list.GetProperty("listRows").GetProperty("nodes").EnumerateArray().Select(row => (row.GetProperty("row").GetString(), row.GetProperty("fileLine").GetString())));

        using var errors = await api.SendAsync(aid.Registrar.Key, HttpMethod.Get, $"/lists/{answer.GetProperty("listId").GetString()}/errors");
        var lines = (await errors.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("line,column,value,code,reason", lines[0]);
        Assert.Equal(3, lines.Length);
    }

    [Fact]
    public async Task List_refused_for_its_errors_leaves_nothing()
    {
        var aid = await new Aid(api, "list refuse").SetUpAsync();
        var bad = Aid.Rows("refuse", 2) + "refuse-x,4,0,\n";
        var (status, answer) = await aid.UploadAsync(aid.Registrar, bad, "&onErrors=refuse");
        Assert.Equal((HttpStatusCode)422, status);
        Assert.Equal(RefusalCode.ListHasErrors, answer.GetProperty("code").GetString());
        Assert.Equal("AMOUNT_ZERO", answer.GetProperty("errors")[0].GetProperty("code").GetString());

        // Had its people been kept, the same people would now be known.
        var (_, accepted) = await aid.UploadAsync(aid.Registrar, bad, "&onErrors=accept");
        Assert.Equal(0, accepted.GetProperty("overlaps").GetProperty("rows").GetInt32());
        Assert.False(accepted.GetProperty("alreadyImported").GetBoolean());
    }

    [Fact]
    public async Task File_of_the_wrong_kind_is_refused_with_what_to_do()
    {
        var aid = await new Aid(api, "list kind").SetUpAsync();
        var (status, answer) = await aid.UploadAsync(aid.Registrar, "%PDF-1.7 and so on");
        Assert.Equal((HttpStatusCode)422, status);
        Assert.Equal(ListCodes.ListPdf, answer.GetProperty("code").GetString());
    }

    [Fact]
    public async Task Same_file_again_is_the_same_list()
    {
        var aid = await new Aid(api, "list same").SetUpAsync();
        var (_, first) = await aid.UploadAsync(aid.Registrar, Aid.Rows("same", 4));
        var (_, second) = await aid.UploadAsync(aid.Registrar, Aid.Rows("same", 4));
        Assert.Equal(first.GetProperty("listId").GetString(), second.GetProperty("listId").GetString());
        Assert.False(first.GetProperty("alreadyImported").GetBoolean());
        Assert.True(second.GetProperty("alreadyImported").GetBoolean());
        Assert.Equal([first.GetProperty("listId").GetString()], second.GetProperty("sameAs").EnumerateArray().Select(id => id.GetString()));

        var (_, other) = await aid.UploadAsync(aid.Registrar, Aid.Rows("same", 4), "&format=household");
        Assert.NotEqual(first.GetProperty("listId").GetString(), other.GetProperty("listId").GetString());
        Assert.Equal(1, other.GetProperty("sameAs").GetArrayLength());
    }

    [Fact]
    public async Task Later_list_finds_the_same_accounts_and_another_organisation_none()
    {
        var aid = await new Aid(api, "list overlap").SetUpAsync();
        var other = await new Aid(api, "list overlap elsewhere").SetUpAsync();
        var (_, first) = await aid.UploadAsync(aid.Registrar, Aid.Rows("overlap", 4));
        var (_, second) = await aid.UploadAsync(aid.Registrar, Aid.Rows("overlap", 4, from: 2));
        Assert.Equal(2, second.GetProperty("overlaps").GetProperty("rows").GetInt32());
        var before = await aid.AccountsAsync(first.GetProperty("listId").GetString()!);
        var after = await aid.AccountsAsync(second.GetProperty("listId").GetString()!);
        Assert.Equal(before[2..], after[..2]);
        Assert.Empty(before.Intersect(after[2..]));

        var (_, elsewhere) = await other.UploadAsync(other.Registrar, Aid.Rows("overlap", 4));
        Assert.Equal(0, elsewhere.GetProperty("overlaps").GetProperty("rows").GetInt32());
        Assert.Empty(before.Intersect(await other.AccountsAsync(elsewhere.GetProperty("listId").GetString()!)));
    }

    [Fact]
    public async Task Telephone_that_passed_to_another_household_does_not_carry_the_account_with_it()
    {
        var aid = await new Aid(api, "list phone").SetUpAsync();
        const string Header = "household_id,size,amount,phone\n";
        var (_, first) = await aid.UploadAsync(aid.Registrar, Header + "phone-1,4,25.00,+254900000011\n");
        var (_, second) = await aid.UploadAsync(aid.Registrar, Header + "phone-2,4,25.00,+254900000011\n");
        Assert.NotEqual(await aid.AccountsAsync(first.GetProperty("listId").GetString()!), await aid.AccountsAsync(second.GetProperty("listId").GetString()!));
    }

    [Fact]
    public async Task Only_registrars_import_and_only_their_organisation_sees_the_list()
    {
        var aid = await new Aid(api, "list rights").SetUpAsync();
        var (status, _) = await aid.UploadAsync(aid.Approver, Aid.Rows("rights", 1));
        Assert.Equal(HttpStatusCode.Forbidden, status);

        var list = await aid.ListAsync(1);
        foreach (var stranger in new[] { aid.Donor, aid.Till, aid.Cast.Operator, aid.Agent })
        {
            var data = await api.QueryAsync(stranger.Key, "query($id: Id!) { list(id: $id) { rows } listRows(listId: $id, first: 1) { nodes { accountId } } }", new { id = list });
            Assert.Equal((JsonValueKind.Null, JsonValueKind.Null), (data.GetProperty("list").ValueKind, data.GetProperty("listRows").ValueKind));
            using var errors = await api.SendAsync(stranger.Key, HttpMethod.Get, $"/lists/{list}/errors");
            Assert.Equal(HttpStatusCode.NotFound, errors.StatusCode);
        }
    }

    [Theory]
    [InlineData("&format=xlsx")]
    [InlineData("&format=1")]
    [InlineData("&defaultAmountMinor=1.5")]
    [InlineData("&defaultAmountMinor=0")]
    [InlineData("&region=kenya")]
    [InlineData("&onErrors=maybe")]
    [InlineData("&currency=USD")]
    public async Task Unknown_parameter_value_is_refused(string parameters)
    {
        var aid = await new Aid(api, "list parameters" + parameters).SetUpAsync();
        var (status, answer) = await aid.UploadAsync(aid.Registrar, Aid.Rows("parameters", 1), parameters);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal(RefusalCode.InvalidInput, answer.GetProperty("code").GetString());
    }

    [Fact]
    public async Task More_than_ten_thousand_errors_go_to_a_file_and_come_out_whole()
    {
        var aid = await new Aid(api, "list overflow").SetUpAsync();
        var (_, answer) = await aid.UploadAsync(
            aid.Registrar, Aid.Rows("overflow", 1) + string.Concat(Enumerable.Range(0, 10_500).Select(n => $"overflow-x{n},4,0,\n")));
        Assert.Equal((1, 10_500, 100), (answer.GetProperty("rows").GetInt32(), answer.GetProperty("errorsTotal").GetInt32(), answer.GetProperty("errors").GetArrayLength()));
        using var errors = await api.SendAsync(aid.Registrar.Key, HttpMethod.Get, $"/lists/{answer.GetProperty("listId").GetString()}/errors");
        var lines = (await errors.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(Enumerable.Range(3, 10_500), lines.Skip(1).Select(line => int.Parse(line.Split(',')[0], System.Globalization.CultureInfo.InvariantCulture)));
    }
}
