using System.Net;
using System.Security.Cryptography;
using System.Text;
using Humanitarian.Api.GraphQL;
using Humanitarian.Api.Tests.Support;

namespace Humanitarian.Api.Tests.Guard;

/// <summary>Documents named by their SHA-256.</summary>
public sealed class PersistedDocumentTests(ApiServer api) : IDisposable
{
    private const string Me = "{ me { id } }";

    private readonly string folder = Directory.CreateTempSubdirectory("humanitarian-documents-").FullName;

    public void Dispose() => Directory.Delete(folder, true);

    [Fact]
    public async Task Document_sent_once_is_known_by_its_hash_from_then_on()
    {
        await using var front = await Front.StartAsync(api);
        var extensions = Named(Me);
        Assert.Equal("PERSISTED_QUERY_NOT_FOUND", Front.Code((await front.PostAsync(api.OperatorKey, new { extensions })).Answer));
        Assert.Null(Front.Code((await front.PostAsync(api.OperatorKey, new { query = Me, extensions })).Answer));
        Assert.Null(Front.Code((await front.PostAsync(api.OperatorKey, new { extensions })).Answer));
        Assert.Null(Front.Code((await front.PostAsync(api.OperatorKey, new { documentId = $"sha256:{HashOf(Me)}" })).Answer));
        using var got = new HttpRequestMessage(HttpMethod.Get, $"/graphql?documentId=sha256:{HashOf(Me)}");
        got.Headers.Authorization = new("Bearer", api.OperatorKey);
        using var response = await front.Http.SendAsync(got);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Malformed_name_or_another_documents_hash_is_a_bad_request()
    {
        foreach (var body in new object[]
        {
            new { query = Me, extensions = Named("{ ledger { id } }") }, new { query = Me, extensions = new { persistedQuery = new { version = 2, sha256Hash = HashOf(Me) } } },
            new { extensions = new { persistedQuery = 1 } }, new { documentId = "me" }, new { documentId = 1 },
        })
        {
            using var response = await api.SendAsync(api.OperatorKey, HttpMethod.Post, "/graphql", System.Net.Http.Json.JsonContent.Create(body));
            Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        }
    }

    [Fact]
    public async Task Only_the_operators_documents_are_taken_where_that_is_set()
    {
        const string Mutation = "mutation { defineUnit(input: {idempotencyKey: \"persisted\", code: \"PERS\", exponent: 2}) { userErrors { code } } }";
        File.WriteAllText(Path.Combine(folder, "me.graphql"), Me + "\n");
        File.WriteAllText(Path.Combine(folder, "unit.graphql"), Mutation);
        await using var front = await Front.StartAsync(api, options => options with { Documents = PersistedDocuments.Load(folder, only: true) });
        Assert.Null(Front.Code((await front.PostAsync(api.OperatorKey, new { documentId = $"sha256:{HashOf(Me)}" })).Answer));
        Assert.Null(Front.Code((await front.PostAsync(api.OperatorKey, new { documentId = $"sha256:{HashOf(Me + "\n")}" })).Answer));
        Assert.Null(Front.Code((await front.PostAsync(api.OperatorKey, new { query = Mutation })).Answer));
        foreach (var body in new object[]
        {
            new { query = "{ ledger { id } }" }, new { extensions = Named("{ ledger { id } }") }, new { query = "{ ledger { id } }", extensions = Named("{ ledger { id } }") },
            new { query = "{ __schema { queryType { name } } }" },
        })
        {
            Assert.Equal("PERSISTED_QUERY_ONLY", Front.Code((await front.PostAsync(api.OperatorKey, body)).Answer));
        }
    }

    [Fact]
    public async Task Mutation_named_by_its_hash_is_not_got()
    {
        const string Mutation = "mutation { defineUnit(input: {idempotencyKey: \"got\", code: \"GOT\", exponent: 2}) { replayed } }";
        File.WriteAllText(Path.Combine(folder, "unit.graphql"), Mutation);
        await using var front = await Front.StartAsync(api, options => options with { Documents = PersistedDocuments.Load(folder, only: false) });
        using var got = new HttpRequestMessage(HttpMethod.Get, $"/graphql?documentId=sha256:{HashOf(Mutation)}");
        got.Headers.Authorization = new("Bearer", api.OperatorKey);
        using var response = await front.Http.SendAsync(got);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
    }

    [Fact]
    public void File_that_is_no_document_is_named()
    {
        File.WriteAllText(Path.Combine(folder, "broken.graphql"), "{ me {");
        Assert.Contains("broken.graphql", Assert.Throws<InvalidDataException>(() => PersistedDocuments.Load(folder, only: false)).Message, StringComparison.Ordinal);
    }

    private static object Named(string document) => new { persistedQuery = new { version = 1, sha256Hash = HashOf(document) } };

    private static string HashOf(string document) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(document)));
}
