using System.Text.Json;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Domain;

namespace Humanitarian.Api.Tests.Lists;

public sealed class TopUpTests(ApiServer api)
{
    [Fact]
    public async Task A_revised_list_is_topped_up_by_the_difference_and_no_more()
    {
        var aid = await new Aid(api, "top-up").SetUpAsync();
        var list = await aid.ListAsync(4);
        await aid.Cast.DoneAsync(aid.Registrar, "enrolBeneficiaries", aid.Cast.Input(("programId", Aid.Text(aid.Program)), ("listId", list)));
        await aid.UntilAsync(await aid.ReleaseAsync(list, 0, 3, inPerson: false), "COMPLETED");

        // Everybody is to have 40.00: three were paid 25.00, the fourth nothing yet.
        var (_, uploaded) = await aid.UploadAsync(aid.Registrar, Aid.Rows("top-up", 4).Replace("25.00", "40.00", StringComparison.Ordinal));
        var revised = uploaded.GetProperty("listId").GetString()!;
        var input = aid.Cast.Input(("programId", Aid.Text(aid.Program)), ("listId", revised), ("period", "2026-11"));
        Assert.Equal(RefusalCode.Forbidden, Code(await api.MutateAsync(aid.Finance.Key, "makeTopUpList", input, "list { id }")));
        var made = await aid.Cast.DoneAsync(aid.Registrar, "makeTopUpList", input, "list { id rows total { amountMinor } }");
        Assert.Equal(("3", "4500"), (made.GetProperty("list").GetProperty("rows").GetString(), made.GetProperty("list").GetProperty("total").GetProperty("amountMinor").GetString()));
        var again = await aid.Cast.DoneAsync(aid.Registrar, "makeTopUpList", input, "list { id rows total { amountMinor } }");
        Assert.Equal(made.GetProperty("list").ToString(), again.GetProperty("list").ToString());
        input["period"] = "2026-12";
        Assert.Equal(RefusalCode.IdempotencyConflict, Code(await api.MutateAsync(aid.Registrar.Key, "makeTopUpList", input, "list { id }")));

        var topUp = made.GetProperty("list").GetProperty("id").GetString()!;
        var paid = await aid.UntilAsync(await aid.ReleaseAsync(topUp, 0, 3, inPerson: false, each: 1_500, purpose: "TOP_UP"), "COMPLETED");
        Assert.Equal(("3", "4500"), (paid.GetProperty("paidLines").GetString(), paid.GetProperty("paid").GetProperty("amountMinor").GetString()));

        // Nobody is owed anything now, and the same list as a first payment is refused line by line.
        input["idempotencyKey"] = aid.Cast.Key();
        input["period"] = "2026-11";
        Assert.Equal(RefusalCode.NotYetAssisted, Code(await api.MutateAsync(aid.Registrar.Key, "makeTopUpList", input, "list { id }")));
        var twice = await aid.UntilAsync(await aid.ReleaseAsync(topUp, 0, 3, inPerson: false, each: 1_500), "COMPLETED");
        Assert.Equal("0", twice.GetProperty("paidLines").GetString());
    }

    private static string? Code(JsonElement payload) => payload.GetProperty("userErrors")[0].GetProperty("code").GetString();
}
