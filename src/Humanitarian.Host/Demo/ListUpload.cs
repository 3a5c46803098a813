using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace Humanitarian.Host.Demo;

/// <summary>An imported list as its importer is told of it.</summary>
/// <param name="Errors">Line, column, masked value, code and reason of each, up to a hundred.</param>
internal sealed record ImportedList(string ListId, long RowsRefused, IReadOnlyList<Beneficiary> Rows, IReadOnlyList<string[]> Errors)
{
    public const int ErrorsShown = 30;
}

/// <summary>Sends a list and reads back whom its rows name.</summary>
internal static class ListUpload
{
    private const int PageRows = 100;

    public static async Task<ImportedList> SendAsync(GraphQlClient client, Actor registrar, string programId, DemoList list, CancellationToken cancellationToken)
    {
        await using var file = await list.OpenAsync(cancellationToken);
        var format = list.Format is { } named ? $"&format={named}" : "";
        using var request = new HttpRequestMessage(
            HttpMethod.Post, string.Create(CultureInfo.InvariantCulture, $"lists?program={programId}&defaultAmountMinor={list.DefaultAmountMinor}{format}"))
        {
            Content = new StreamContent(file) { Headers = { ContentType = new MediaTypeHeaderValue("text/csv") } },
        };
        var answer = await client.SendAsync(registrar, request, cancellationToken);
        if ((string?)answer["listId"] is not { } id)
        {
            throw new RefusedException(list.Name, (string?)answer["code"] ?? "ERROR", (string?)answer["message"] ?? answer.ToJsonString());
        }

        string[] Cells(JsonNode error) => [error["line"]!.ToString(), (string)error["column"]!, (string)error["value"]!, (string)error["code"]!, (string)error["reason"]!];
        return new ImportedList(
            id, (long)answer["refused"]!, await RowsAsync(client, registrar, id, (int)(long)answer["rows"]!, cancellationToken),
            [.. ((JsonArray)answer["errors"]!).Select(error => Cells(error!))]);
    }

    private static async Task<IReadOnlyList<Beneficiary>> RowsAsync(GraphQlClient client, Actor registrar, string listId, int count, CancellationToken cancellationToken)
    {
        var rows = new List<Beneficiary>(count);
        string? after = null;
        do
        {
            var page = await client.QueryAsync(
                registrar,
                "query($listId: Id!, $first: Int!, $after: String) { listRows(listId: $listId, first: $first, after: $after) "
                    + "{ nodes { accountId amount { amountMinor } } pageInfo { endCursor hasNextPage } } }",
                new JsonObject { ["listId"] = listId, ["first"] = PageRows, ["after"] = after },
                cancellationToken) ?? throw new RefusedException("listRows", "NOT_FOUND", "The list has vanished.");
            rows.AddRange(((JsonArray)page["nodes"]!).Select(row => new Beneficiary(
                (string)row!["accountId"]!, long.Parse((string)row["amount"]!["amountMinor"]!, CultureInfo.InvariantCulture))));
            after = (bool)page["pageInfo"]!["hasNextPage"]! ? (string)page["pageInfo"]!["endCursor"]! : null;
        }
        while (after is not null);

        return rows;
    }
}
