using System.Net;
using System.Text.Json;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Domain;

namespace Humanitarian.Api.Tests.Lists;

/// <summary>A registrar whose roles are limited makes and uses lists within these limits only.</summary>
public sealed class ListScopeTests(ApiServer api)
{
    [Fact]
    public async Task A_registrar_of_an_area_imports_drafts_and_tops_up_lists_of_that_area_only()
    {
        var aid = await new Aid(api, "list scope").SetUpAsync();
        var north = await LimitedAsync(aid, [Aid.Text(aid.Program)], ["north"]);
        var (status, answer) = await aid.UploadAsync(north, Sited("north", "south"));
        Assert.Equal((HttpStatusCode.UnprocessableEntity, RefusalCode.OutOfScope), (status, Text(answer, "code")));
        var (_, own) = await aid.UploadAsync(north, Sited("north", "north"));
        var (_, both) = await aid.UploadAsync(aid.Registrar, Sited("north", "south"));
        ApiServer.Refused(RefusalCode.OutOfScope, await DraftAsync(aid, north, Text(both, "listId")));
        ApiServer.Done(await DraftAsync(aid, north, Text(own, "listId")));
        ApiServer.Refused(RefusalCode.OutOfScope, await TopUpAsync(aid, north, Text(both, "listId")));
        ApiServer.Refused(RefusalCode.NotYetAssisted, await TopUpAsync(aid, north, Text(own, "listId")));
    }

    [Fact]
    public async Task A_registrar_of_another_program_does_none_of_it()
    {
        var aid = await new Aid(api, "list scope program").SetUpAsync();
        var elsewhere = await LimitedAsync(aid, [Aid.Text(aid.Grant)], []);
        var (status, answer) = await aid.UploadAsync(elsewhere, Sited("north", "north"));
        Assert.Equal((HttpStatusCode.Forbidden, RefusalCode.OutOfScope), (status, Text(answer, "code")));
        var (_, list) = await aid.UploadAsync(aid.Registrar, Sited("north", "north"));
        ApiServer.Refused(RefusalCode.OutOfScope, await DraftAsync(aid, elsewhere, Text(list, "listId")));
        ApiServer.Refused(RefusalCode.OutOfScope, await TopUpAsync(aid, elsewhere, Text(list, "listId")));
    }

    private async Task<Actor> LimitedAsync(Aid aid, string[] programIds, string[] areas)
    {
        var registrar = await aid.Cast.MemberAsync(aid.Administrator, "REGISTRAR");
        await aid.Cast.SignedAsync(aid.Administrator, "changeMember", aid.Cast.Input(("memberId", Aid.Text(registrar.Member)), ("scope", new { programIds, areas })));
        return registrar;
    }

    private static string Sited(string first, string second) =>
        $"household_id,size,amount,phone,site\nscope-{first}-{second}-1,4,25.00,+254900000011,{first}\nscope-{first}-{second}-2,4,25.00,+254900000021,{second}\n";

    private Task<JsonElement> DraftAsync(Aid aid, Actor registrar, string list) => api.MutateAsync(registrar.Key, "createDisbursement", aid.Cast.Input(
        ("programId", Aid.Text(aid.Program)), ("listId", list), ("inPerson", false), ("period", "2026-11"), ("assistanceKind", "food"),
        ("grants", new[] { new { grantId = Aid.Text(aid.Grant), amount = Cast.Money(5_000) } })));

    private Task<JsonElement> TopUpAsync(Aid aid, Actor registrar, string list) => api.MutateAsync(
        registrar.Key, "makeTopUpList", aid.Cast.Input(("programId", Aid.Text(aid.Program)), ("listId", list), ("period", "2026-11")));

    private static string Text(JsonElement of, string name) => of.GetProperty(name).GetString()!;
}
