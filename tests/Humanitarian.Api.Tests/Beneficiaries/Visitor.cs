using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Humanitarian.Api.Tests.Redemptions;
using Humanitarian.Api.Tests.Support;

namespace Humanitarian.Api.Tests.Beneficiaries;

/// <summary>A beneficiary at the door of what is kept of them.</summary>
internal sealed class Visitor(ApiServer api, string account)
{
    public string Account => account;

    /// <summary>One who has signed in with a registrar's code.</summary>
    public static async Task<(Visitor Visitor, string Token)> InAsync(ApiServer api, Counter counter, int person, Actor? by = null)
    {
        var visitor = new Visitor(api, counter.Accounts[person]);
        return (visitor, (await visitor.EnterAsync(new { accountId = visitor.Account, code = await visitor.CodeAsync(counter.Cast, by ?? counter.Aid.Registrar) })).Token!);
    }

    public async Task<string> CodeAsync(Cast cast, Actor registrar) =>
        (await cast.DoneAsync(registrar, "giveLogin", cast.Input(("accountId", account)), "code")).GetProperty("code").GetString()!;

    /// <summary>The token, or the status and the code of the refusal.</summary>
    public async Task<(string? Token, HttpStatusCode Status, string? Code)> EnterAsync(object proof)
    {
        using var response = await api.SendAsync(null, HttpMethod.Post, "/person/token", JsonContent.Create(proof));
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        return response.IsSuccessStatusCode
            ? (answer.GetProperty("token").GetString(), response.StatusCode, null)
            : (null, response.StatusCode, answer.GetProperty("errors")[0].GetProperty("extensions").GetProperty("code").GetString());
    }

    public async Task<JsonElement> SeenAsync(string token, string fields) =>
        (await api.QueryAsync(token, $"query($id: Id!) {{ beneficiary(accountId: $id) {{ {fields} }} }}", new { id = account })).GetProperty("beneficiary");
}
