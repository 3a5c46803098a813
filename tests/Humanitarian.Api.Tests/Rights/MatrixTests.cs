using System.Net;
using System.Reflection;
using System.Text;
using System.Text.Json;
using GraphQL;
using GraphQL.Types;
using Humanitarian.Api.GraphQL;
using Humanitarian.Api.Organisations;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Domain;
using Microsoft.Extensions.DependencyInjection;

namespace Humanitarian.Api.Tests.Rights;

/// <summary>
/// Who may do what, field by field, as it is answered over HTTP: to each role of the organisation whose things are asked for, and to each
/// role of another. All that is answered is walked: a field within it has a row where it has a rule of its own, by the way to it, and so has a way on
/// which somebody sees a thing that its own query does not show them. With UPDATE_MATRIX set the file is written anew: the change then shows in review.
/// </summary>
public sealed class MatrixTests(ApiServer api)
{
    private readonly ApiSchema schema = api.Services.GetRequiredService<ApiSchema>();
    private readonly Dictionary<string, string> nodeIds = [];
    private readonly Dictionary<Actor, Seen> walks = [];

    [Fact]
    public async Task Matrix_of_rights_is_the_committed_one()
    {
        var things = await MatrixThings.MakeAsync(api);
        var columns = new List<Dictionary<string, bool>>();
        foreach (var actor in things.Own.Concat(things.Others))
        {
            columns.Add(await AnswersAsync(actor, things));
        }

        foreach (var (actor, column) in things.Own.Concat(things.Others).Zip(columns))
        {
            await CheckNodesAsync(actor, column);
        }

        columns.Add(await AnswersAsync(things.Person, things));
        await CheckNodesAsync(things.Person, columns[^1]);
        await AddWaysAsync([.. things.Own, .. things.Others, things.Person], columns);
        var roles = Enum.GetNames<Role>().Select(role => role.ToLowerInvariant()).ToArray();
        var written = new StringBuilder("| field | ").AppendJoin(" | ", roles.Concat(roles.Select(role => $"other {role}")).Append("beneficiary")).Append(" |\n| --- |");
        written.Append(string.Concat(Enumerable.Repeat(" --- |", columns.Count))).Append('\n');
        foreach (var field in columns[0].Keys)
        {
            written.Append(string.Concat("| ", field, " | ")).AppendJoin(" | ", columns.Select(column => column[field] ? '+' : '-')).Append(" |\n");
        }

        var path = Path.Combine(Lists.ListFiles.Above("tests")!, "Humanitarian.Api.Tests", "Rights", "matrix.md");
        if (Environment.GetEnvironmentVariable("UPDATE_MATRIX") is { Length: > 0 })
        {
            File.WriteAllText(path, written.ToString());
        }

        Assert.Equal(File.ReadAllText(path), written.ToString());
        Assert.All(columns[0].Keys.Where(IsCalled), field => Assert.True(columns.Any(column => column[field]), $"Nobody may call {field}, or what it asks for was not made."));
        Assert.All(RuledWithin(), field => Assert.True(columns.Any(column => column.Any(cell => cell.Value && cell.Key.EndsWith($" > {field}", StringComparison.Ordinal))), $"Nobody saw {field}."));
        Assert.Empty(Reading().Except(walks.Values.SelectMany(seen => seen.Types)));
    }

    [Fact]
    public void Every_root_field_says_who_may_call_it()
    {
        var methods = typeof(ApiSchema).Assembly.GetTypes().Where(type => type.IsClass && (type.IsAssignableTo(typeof(IQueries)) || type.IsAssignableTo(typeof(IMutations)) || type.IsAssignableTo(typeof(ISubscriptions))))
            .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)).ToArray();
        Assert.Equal(schema.Query.Fields.Count + schema.Mutation!.Fields.Count + schema.Subscription!.Fields.Count, methods.Length);
        Assert.All(methods, method => Assert.NotNull(method.GetCustomAttribute<AllowAttribute>()));
    }

    [Fact]
    public void Query_that_some_may_not_call_can_be_answered_by_nothing() => Assert.All(
        schema.Query.Fields.Where(field => field.Metadata.Values.OfType<AllowAttribute>().Single().AnyOf is not null),
        field => Assert.IsNotType<NonNullGraphType>(field.ResolvedType));

    private async Task<Dictionary<string, bool>> AnswersAsync(Actor actor, MatrixThings things)
    {
        var answers = new Dictionary<string, bool>();
        var queries = schema.Query.Fields.OrderBy(field => field.Name, StringComparer.Ordinal).ToArray();
        var seen = walks[actor] = new Seen();

        // What always answers a member is an error for a beneficiary, and would leave nothing of what is asked beside it.
        foreach (var some in queries.Chunk(actor == things.Person ? 1 : 8))
        {
            var answer = await api.ExecuteAsync(actor.Key, $"{{ {string.Join(' ', some.Select(field => $"{field.Name}{things.Arguments[field.Name]} {Walk.Selection(field.ResolvedType!)}"))} }}");
            var data = answer.GetProperty("data");
            Assert.True(!answer.TryGetProperty("errors", out var errors) || (actor == things.Person && data.ValueKind == JsonValueKind.Null), errors.ToString());
            foreach (var field in some)
            {
                var value = data.ValueKind == JsonValueKind.Null ? data : data.GetProperty(field.Name);
                answers[$"query {field.Name}"] = value.ValueKind != JsonValueKind.Null;
                Walk.Note(value, field.ResolvedType!, $"query {field.Name}", $"query {field.Name}", seen);
                if (answers[$"query {field.Name}"] && IsOwnQuery(field))
                {
                    nodeIds[field.Name] = value.GetProperty("nodeId").GetString()!;
                }
            }
        }

        // Without an idempotency key nothing is ever done; who may not call it is told that first.
        var mutations = schema.Mutation!.Fields.OrderBy(field => field.Name, StringComparer.Ordinal).ToArray();
        foreach (var some in mutations.Chunk(50))
        {
            var done = await api.QueryAsync(actor.Key, $"mutation {{ {string.Join(' ', some.Select(field =>
                $"{field.Name}(input: {Made(field.Arguments![0].ResolvedType!)}) {{ userErrors {{ code }} }}"))} }}");
            foreach (var field in some)
            {
                var code = Assert.Single(done.GetProperty(field.Name).GetProperty("userErrors").EnumerateArray()).GetProperty("code").GetString();
                Assert.True(code is RefusalCode.Forbidden or RefusalCode.IdempotencyKeyInvalid or RefusalCode.DeviceUnknown or RefusalCode.InvalidInput, $"{field.Name}: {code}");
                answers[$"mutation {field.Name}"] = code != RefusalCode.Forbidden;
            }
        }

        foreach (var field in schema.Subscription!.Fields.OrderBy(field => field.Name, StringComparer.Ordinal))
        {
            using var stream = await EventReader.OpenAsync(api, actor.Key, $"subscription {{ {field.Name}{things.Arguments["live " + field.Name]} {Walk.Selection(field.ResolvedType!)} }}");
            var result = await stream.ResultAsync();
            answers[$"subscription {field.Name}"] = !result.TryGetProperty("errors", out _);
            if (answers[$"subscription {field.Name}"])
            {
                Walk.Note(result.GetProperty("data").GetProperty(field.Name), field.ResolvedType!, $"subscription {field.Name}", $"subscription {field.Name}", seen);
            }
        }

        foreach (var (name, (method, path)) in things.Endpoints)
        {
            using var response = await api.SendAsync(actor.Key, method, path, method == HttpMethod.Post ? new ByteArrayContent([]) : null);
            Assert.True((int)response.StatusCode is 200 or 400 or 403 or 404 or 422, $"{name}: {response.StatusCode}");
            answers[name] = response.StatusCode is HttpStatusCode.OK or HttpStatusCode.UnprocessableEntity;
        }

        return answers;
    }

    /// <summary>By its global id a member sees a thing just when its own query shows it.</summary>
    private async Task CheckNodesAsync(Actor actor, Dictionary<string, bool> column)
    {
        Assert.True(nodeIds.Count > 15);
        var seen = (await api.QueryAsync(actor.Key, "query($ids: [ID!]!) { nodes(ids: $ids) { __typename nodeId } }", new { ids = nodeIds.Values })).GetProperty("nodes").EnumerateArray().ToArray();
        foreach (var ((field, id), node) in nodeIds.Zip(seen))
        {
            Assert.True(column[$"query {field}"] == (node.ValueKind != JsonValueKind.Null), $"{actor.Member} sees {field} by its own query: {column[$"query {field}"]}");
            Assert.True(node.ValueKind == JsonValueKind.Null || node.GetProperty("nodeId").GetString() == id, field);
        }
    }

    /// <summary>Adds the fields within that have rules, and the ways on which somebody sees what its own query does not show them.</summary>
    private async Task AddWaysAsync(Actor[] actors, List<Dictionary<string, bool>> columns)
    {
        var added = new List<SortedDictionary<string, bool>>();
        foreach (var actor in actors)
        {
            var cells = walks[actor].Ruled;
            foreach (var some in walks[actor].Objects.Chunk(100))
            {
                var found = (await api.QueryAsync(actor.Key, "query($ids: [ID!]!) { nodes(ids: $ids) { nodeId } }", new { ids = some.Select(one => one.NodeId) })).GetProperty("nodes").EnumerateArray();
                foreach (var ((way, _), node) in some.Zip(found))
                {
                    if (node.ValueKind == JsonValueKind.Null)
                    {
                        cells[$"beyond its own query: {way}"] = true;
                    }
                }
            }

            added.Add(cells);
        }

        foreach (var way in added.SelectMany(cells => cells.Keys).Distinct().Order(StringComparer.Ordinal))
        {
            foreach (var (cells, column) in added.Zip(columns))
            {
                column[way] = cells.GetValueOrDefault(way);
            }
        }
    }

    private static bool IsCalled(string row) => !row.Contains(" > ", StringComparison.Ordinal);

    private IEnumerable<string> RuledWithin() => schema.AllTypes.OfType<IObjectGraphType>()
        .Where(type => type != schema.Query && type != schema.Mutation && type != schema.Subscription && !type.Name.EndsWith("Payload", StringComparison.Ordinal))
        .SelectMany(type => type.Fields.Where(field => AllowAttribute.Find(field) is not null).Select(field => $"{type.Name}.{field.Name}"));

    /// <summary>Names of the types within what queries and subscriptions answer that hold not all they show: they read more, or are asked for again.</summary>
    private IEnumerable<string> Reading()
    {
        var (reached, next) = (new HashSet<IObjectGraphType>(), new Queue<IObjectGraphType>([schema.Query, schema.Subscription!]));
        while (next.TryDequeue(out var type))
        {
            foreach (var within in type.Fields.Select(field => field.ResolvedType!.GetNamedType()).OfType<IObjectGraphType>().Where(reached.Add))
            {
                next.Enqueue(within);
            }
        }

        return reached.Where(type => type.Fields.Any(field => AllowAttribute.Find(field) is not null || AsParentAttribute.Marks(field))).Select(type => type.Name);
    }

    private bool IsOwnQuery(FieldType field) => NodeQueries.OwnQuery(schema, field.ResolvedType!.GetNamedType().Name) == field;

    /// <summary>The least that an input type takes.</summary>
    private static string Made(IGraphType type) => type switch
    {
        NonNullGraphType some => Made(some.ResolvedType!),
        ListGraphType => "[]",
        IInputObjectGraphType input => $"{{{string.Join(", ", input.Fields.Where(field => field.ResolvedType is NonNullGraphType).Select(field => $"{field.Name}: {Made(field.ResolvedType!)}"))}}}",
        EnumerationGraphType choice => choice.Values.First().Name,
        { Name: "Id" } => $"\"{new string('0', 31)}1\"",
        { Name: "Hash" } => $"\"0x{new string('0', 63)}1\"",
        { Name: "Address" } => $"\"0x{new string('0', 39)}1\"",
        { Name: "Int64String" or "UInt64String" } => "\"1\"",
        { Name: "Int" } => "1",
        { Name: "Boolean" } => "true",
        { Name: "DateTimeOffset" } => "\"2026-11-24T00:00:00Z\"",
        _ => "\"\"",
    };
}
